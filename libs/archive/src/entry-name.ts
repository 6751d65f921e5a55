import { DomainError } from '@pawvault/contracts';
import type { ArchiveLimits } from './limits';

/** Names of plain ASCII, none of whose components starts with a dot: nearly all there are, decided with one look. */
const ORDINARY = /^(?:[\w-][\w. -]*\/)*[\w-][\w. -]*\/?$/;

export type NameProblem = 'ARCHIVE_NAME_INVALID' | 'ARCHIVE_ENTRY_ESCAPES' | 'ARCHIVE_LIMIT_EXCEEDED';

// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const CONTROL = /[\u0000-\u001f\u007f]/;
/** `C:` would leave the target directory on Windows; a colon elsewhere is an ordinary character of session files. */
const DRIVE = /^[A-Za-z]:/;

/**
 * What is wrong with an entry name, or null. The writer asks before it emits, the reader before it accepts, so that an import
 * never refuses what a backup made. A trailing `/` marks a directory.
 */
export function nameProblem(
  name: string,
  limits: Pick<ArchiveLimits, 'maxPathBytes' | 'maxDepth'>,
): NameProblem | null {
  if (ORDINARY.test(name) && name.length <= limits.maxPathBytes && name.split('/').length <= limits.maxDepth)
    return null;
  if (CONTROL.test(name) || name.includes('\\') || !name.isWellFormed()) return 'ARCHIVE_NAME_INVALID';
  const components = (name.endsWith('/') ? name.slice(0, -1) : name).split('/');
  if (components.some((part) => part === '' || part === '.' || part === '..' || DRIVE.test(part)))
    return 'ARCHIVE_ENTRY_ESCAPES';
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
 * True when a symbolic link at `path` (relative to the root of its module) stays inside that module: relative, no drive, and `..`
 * only at the front. A `..` behind a name could step out through another link (`a/link/..`), so it is not accepted.
 */
export function linkStaysInside(path: string, target: string): boolean {
  if (target === '' || target.startsWith('/') || CONTROL.test(target) || target.includes('\\') || DRIVE.test(target))
    return false;
  const steps = target.split('/').filter((part) => part !== '' && part !== '.');
  const firstName = steps.findIndex((part) => part !== '..');
  const climbs = firstName === -1 ? steps.length : firstName;
  const depth = path.split('/').length - 1;
  return climbs <= depth && !steps.slice(climbs).includes('..');
}
