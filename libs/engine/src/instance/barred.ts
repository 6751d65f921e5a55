import type { InstanceDirectories } from '@pawvault/contracts';
import { type HeldDirectory, type Identity, isSameNode } from '@pawvault/durable-fs';
import type { BarredPlace } from '../walk/barred-places';
import type { Registry } from './registry';
import { openRoot, withAncestors } from './source-root';

/**
 * Directories that must not be taken as part of another one: the backups themselves (they would contain each other), the secrets (they
 * only leave on request), and the workspaces of other agents (each is its own part of the archive).
 */
export function barredPlaces(directories: InstanceDirectories, registry: Registry): BarredPlace[] {
  return [
    ...placeOf(directories.backup_dir, 'contains_backup_directory'),
    ...placeOf(directories.secret_dir, 'contains_secret_directory'),
    ...registry.agents.flatMap(({ workspaceDir }) => placeOf(workspaceDir, 'nested_workspace')),
  ];
}

function placeOf(path: string, reason: BarredPlace['reason']): BarredPlace[] {
  const held = openRoot(path);
  if (held === null) return [];
  const { dev, ino } = held;
  held.close();
  return [{ path: held.path, dev, ino, reason }];
}

/** How a root lies to the barred places. */
export interface Position {
  /** Set when the root is the backup or the secret directory, or lies in it: then nothing of it may be taken under another name. */
  refusal: BarredPlace | null;
  /** What the walk must not enter: all that neither is the root nor lies above it. */
  barred: BarredPlace[];
}

/** @param workingDir a place that contains the whole instance refuses none of its parts */
export function positionOf(root: HeldDirectory, places: readonly BarredPlace[], workingDir: string): Position {
  const above = withAncestors(root);
  const instance = ancestorsOf(workingDir);
  const isAbove = (place: Identity): boolean => above.some((each) => isSameNode(each, place));
  const refusal = places.find(
    (place) =>
      place.reason !== 'nested_workspace' && isAbove(place) && !instance.some((each) => isSameNode(each, place)),
  );
  return { refusal: refusal ?? null, barred: places.filter((place) => !isAbove(place)) };
}

function ancestorsOf(path: string): Identity[] {
  const held = openRoot(path);
  if (held === null) return [];
  try {
    return withAncestors(held);
  } finally {
    held.close();
  }
}
