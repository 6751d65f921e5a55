import { sep } from 'node:path';
import type { ArchiveReader } from '@pawvault/archive';
import { compareCodePoints } from '@pawvault/contracts';
import { refuseDestination } from './check-destinations';
import type { OccupiedPlaces } from './occupied-places';
import { isInside, type Place } from './place';
import type { RestoreTarget } from './prepared-plan';

/**
 * What lies inside a destination and survives its replacement: workspaces of other agents, the backups, the secrets. Only the outermost
 * of places inside each other.
 */
export function keptInside(destination: Place, occupied: OccupiedPlaces): string[] {
  const inside = [...occupied.workspaces.values(), ...occupied.reserved.values()]
    .filter((place) => place.kind === 'directory' && isInside(place, destination))
    .map(({ path }) => path);
  const outermost = inside.filter((path) => !inside.some((other) => path.startsWith(other + sep)));
  return [...new Set(outermost)].sort(compareCodePoints);
}

/** True for a path, relative to the target, at or below a place that stays: it is not staged, what is there stays. */
export function isKept(
  target: Pick<RestoreTarget, 'destination' | 'keepInside' | 'mounts'>,
  relative: string,
): boolean {
  const kept = staying(target);
  if (kept.length === 0) return false;
  const path = `${target.destination}${sep}${relative}`;
  return kept.some((place) => path === place || path.startsWith(place + sep));
}

const staying = ({ keepInside, mounts }: Pick<RestoreTarget, 'keepInside' | 'mounts'>): string[] => [
  ...keepInside.map(({ path }) => path),
  ...mounts,
];

/**
 * A kept place can only be carried over into directories: a file, or a link that leads elsewhere, must not stand in the way.
 * @throws DomainError RESTORE_DESTINATION_REFUSED (blocks_kept_place)
 */
export function assertKeptPlacesFit(target: RestoreTarget, reader: Pick<ArchiveReader, 'get'>): void {
  for (const kept of staying(target)) {
    const steps = kept.slice(target.destination.length + 1).split(sep);
    for (let depth = 1; depth < steps.length; depth++) {
      const ancestor = steps.slice(0, depth).join('/');
      // A directory has a trailing slash: what is found here is something else.
      if (reader.get(target.prefix + ancestor) === undefined) continue;
      throw refuseDestination('blocks_kept_place', {
        agent: target.id,
        path: `${target.destination}/${ancestor}`,
        with: kept,
      });
    }
  }
}
