import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { DomainError, type ModuleName, type PathChange, type PlannedPath } from '@pawvault/contracts';
import { errnoOf, toDomainError } from '@pawvault/durable-fs';
import { parseLine } from './planned-path-line';
import { fileNameOf, holdPlans, isPlanHash } from './plans-directory';
import { isLineStart, NotLines, readLines } from './read-lines';

export interface PlanPathFilter {
  change?: PathChange | undefined;
  module?: ModuleName | undefined;
  agent?: string | undefined;
  /** Part of the path, in any case. */
  search?: string | undefined;
}

export interface PlanPathQuery extends PlanPathFilter {
  /** `next` of the page before, which was asked for with the same filter. */
  after?: PlanPosition | undefined;
  /** At most so many paths. */
  limit: number;
  signal?: AbortSignal | undefined;
}

export type PathCounts = Record<PathChange, number>;

/** Where a page ended. The counts come along, so that only the first page reads the whole list. */
export interface PlanPosition {
  offset: number;
  counts: PathCounts;
}

export interface PlanPathPage {
  paths: PlannedPath[];
  /** null on the last page. */
  next: PlanPosition | null;
  /** All paths that match, by change; the filter by change is not applied here. */
  counts: PathCounts;
}

/**
 * A page of the paths of a plan, in the order of the plan. Memory does not grow with the length of the list.
 * @throws DomainError RESTORE_PLAN_NOT_FOUND when there is no list of this plan, or one that cannot be read as such; VALIDATION_FAILED for a
 *   position that is none; IO_ERROR, PERMISSION_DENIED; the reason of the signal
 */
export async function readPlanPaths(backupDir: string, planHash: string, query: PlanPathQuery): Promise<PlanPathPage> {
  const handle = await openList(backupDir, planHash);
  try {
    return await readPage(handle, query);
  } catch (error) {
    if (error instanceof NotLines) throw notFound(planHash, error);
    throw toDomainError(error);
  } finally {
    await handle.close();
  }
}

/** Links and special files are refused: other programs can write where the list lies. */
async function openList(backupDir: string, planHash: string): Promise<FileHandle> {
  if (!isPlanHash(planHash)) throw notFound(planHash);
  try {
    const plans = holdPlans(backupDir);
    try {
      const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
      const handle = await open(plans.at(fileNameOf(planHash)), flags);
      if ((await handle.stat()).isFile()) return handle;
      await handle.close();
    } finally {
      plans.close();
    }
  } catch (error) {
    if (!['ENOENT', 'ENOTDIR', 'ELOOP', 'ENXIO'].includes(errnoOf(error) ?? '')) throw toDomainError(error);
  }
  throw notFound(planHash);
}

const notFound = (planHash: string, cause?: unknown): DomainError =>
  new DomainError('RESTORE_PLAN_NOT_FOUND', undefined, { plan_hash: planHash.slice(0, 200) }, { cause });

async function readPage(handle: FileHandle, query: PlanPathQuery): Promise<PlanPathPage> {
  const { after, limit, change, signal } = query;
  const from = after?.offset ?? 0;
  if (!(await isLineStart(handle, from))) throw new DomainError('VALIDATION_FAILED', 'cursor leads nowhere');
  const matches = matcherOf(query);
  const counted = { added: 0, changed: 0, removed: 0, carried: 0 };
  const paths: PlannedPath[] = [];
  let end = from;
  let more = false;
  for await (const lines of readLines(handle, { from, signal }))
    for (const line of lines) {
      const path = parseLine(line.text);
      if (path === null) throw new NotLines('a line is no planned path');
      if (!matches(path)) continue;
      counted[path.change] += 1;
      if (change !== undefined && path.change !== change) continue;
      if (paths.length < limit) {
        paths.push(path);
        end = line.end;
        continue;
      }
      more = true;
      if (after !== undefined) return { paths, next: { offset: end, counts: after.counts }, counts: after.counts };
    }
  const counts = after?.counts ?? counted;
  return { paths, next: more ? { offset: end, counts } : null, counts };
}

function matcherOf({ module, agent, search = '' }: PlanPathFilter): (path: PlannedPath) => boolean {
  const wanted = fold(search);
  return (path) =>
    (module === undefined || path.module === module) &&
    (agent === undefined || path.agent === agent) &&
    (wanted === '' || fold(path.path).includes(wanted));
}

/** Full-width and composed spellings of the same text match each other. */
const fold = (text: string): string => text.normalize('NFKC').toLowerCase();
