import { DomainError, PATH_CHANGES } from '@pawvault/contracts';
import type { PathCounts, PlanPosition } from '@pawvault/store';
import { readCursor, writeCursor } from '../requests/cursor';
import type { PlanPathsQuery } from './plan-paths.query';

/** More digits than any offset or count has. */
const NUMBER = /^\d{1,15}$/;

/** A cursor belongs to one plan and one filter: with another filter its counts would be wrong. */
const listOf = (planHash: string, { change, module, agent, search }: PlanPathsQuery): string =>
  JSON.stringify([planHash, change ?? null, module ?? null, agent ?? null, search ?? null]);

export const cursorAt = (planHash: string, query: PlanPathsQuery, { offset, counts }: PlanPosition): string =>
  writeCursor([listOf(planHash, query), ...[offset, ...PATH_CHANGES.map((change) => counts[change])].map(String)]);

/** @returns undefined for the first page. @throws DomainError VALIDATION_FAILED */
export function positionOf(planHash: string, query: PlanPathsQuery): PlanPosition | undefined {
  if (query.cursor === undefined) return undefined;
  const expected = { list: listOf(planHash, query), length: PATH_CHANGES.length + 2 };
  const [offset = '', ...counts] = readCursor(query.cursor, expected).slice(1);
  if (![offset, ...counts].every((part) => NUMBER.test(part)))
    throw new DomainError('VALIDATION_FAILED', 'cursor is not one that this list gave out', { fields: ['cursor'] });
  const entries = PATH_CHANGES.map((change, index) => [change, Number(counts[index])]);
  return { offset: Number(offset), counts: Object.fromEntries(entries) as PathCounts };
}
