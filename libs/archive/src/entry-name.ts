import { DomainError } from '@pawvault/contracts';
import type { ArchiveLimits } from './limits';

/** Names of plain ASCII, none of whose components starts with a dot: nearly all there are, decided with one look. */
const ORDINARY = /^(?:[\w-][\w. -]*\/)*[\w-][\w. -]*\/?$/;

export type NameProblem = 'ARCHIVE_NAME_INVALID' | 'ARCHIVE_ENTRY_ESCAPES' | 'ARCHIVE_LIMIT_EXCEEDED';

/**
 * What is wrong with an entry name, or null. The writer asks before it emits, the reader before it accepts, so that an import
 * never refuses what a backup made. A trailing `/` marks a directory. Every name that Linux allows is accepted: QwenPaw runs there, and its
 * archives hold names with `\`, `C:` and control characters. They mean nothing special there; see docs/decisions/0005.
 */
export function nameProblem(
  name: string,
  limits: Pick<ArchiveLimits, 'maxPathBytes' | 'maxDepth'>,
): NameProblem | null {
  if (ORDINARY.test(name) && name.length <= limits.maxPathBytes && name.split('/').length <= limits.maxDepth)
    return null;
  if (name.includes('\0') || !name.isWellFormed()) return 'ARCHIVE_NAME_INVALID';
  const components = (name.endsWith('/') ? name.slice(0, -1) : name).split('/');
  if (components.some((part) => part === '' || part === '.' || part === '..')) return 'ARCHIVE_ENTRY_ESCAPES';
  if (components.length > limits.maxDepth || Buffer.byteLength(name) > limits.maxPathBytes)
    return 'ARCHIVE_LIMIT_EXCEEDED';
  return null;
}

/** @throws DomainError with the {@link NameProblem} as its code and the name in `details` */
export function assertEntryName(name: string, limits: ArchiveLimits): void {
  const problem = nameProblem(name, limits);
  if (problem !== null) throw new DomainError(problem, undefined, { entry: name });
}

/**
 * True when a symbolic link at `path` (relative to the root of its module) stays inside that module: relative, and `..` only at the front. A
 * `..` after a name could step out through another link (`a/link/..`), so it is not accepted.
 */
export function linkStaysInside(path: string, target: string): boolean {
  if (target === '' || target.startsWith('/') || target.includes('\0')) return false;
  const steps = target.split('/').filter((part) => part !== '' && part !== '.');
  const firstName = steps.findIndex((part) => part !== '..');
  const climbs = firstName === -1 ? steps.length : firstName;
  const depth = path.split('/').length - 1;
  return climbs <= depth && !steps.slice(climbs).includes('..');
}
