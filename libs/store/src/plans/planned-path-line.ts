import {
  CARRY_REASONS,
  type CarryReason,
  type ModuleName,
  MODULES,
  PATH_CHANGES,
  type PathChange,
  type PlannedPath,
} from '@pawvault/contracts';

export const toLine = (path: PlannedPath): string => `${JSON.stringify(path)}\n`;

/** @returns null for a line that this version did not write: the file may have been changed by another program */
export function parseLine(line: string): PlannedPath | null {
  const value = parse(line);
  if (typeof value !== 'object' || value === null) return null;
  const { module, agent, path, change, reason, detail, kept_as } = value as Partial<Record<keyof PlannedPath, unknown>>;
  if (!isModule(module) || !isChange(change) || !isReason(reason) || typeof path !== 'string') return null;
  if (!isTextOrNull(agent) || !isTextOrNull(detail) || !isTextOrNull(kept_as)) return null;
  return { module, agent, path, change, reason, detail, kept_as };
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

const isModule = (value: unknown): value is ModuleName => MODULES.includes(value as ModuleName);
const isChange = (value: unknown): value is PathChange => PATH_CHANGES.includes(value as PathChange);
const isReason = (value: unknown): value is CarryReason | null =>
  value === null || CARRY_REASONS.includes(value as CarryReason);
const isTextOrNull = (value: unknown): value is string | null => value === null || typeof value === 'string';
