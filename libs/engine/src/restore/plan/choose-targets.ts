import { join } from 'node:path';
import { mountPointsBelow } from '@pawvault/durable-fs';
import { agentPrefix, SECRETS_PREFIX, SKILL_POOL_PREFIX } from '@pawvault/contracts';
import { checkModulePlace } from './check-destinations';
import type { Destination } from './destinations';
import { keptInside } from './kept-places';
import { MASTER_KEY } from './master-key';
import type { OccupiedPlaces } from './occupied-places';
import type { Place } from './place';
import type { RestoreTarget } from './prepared-plan';
import type { Wanted } from './resolve-request';

type Located = Omit<RestoreTarget, 'destination' | 'exists' | 'keepInside' | 'mounts'> & { place: Place };

/**
 * The directories that a restore replaces: agents, then skill pool, then secrets. None lies in another.
 * @throws DomainError RESTORE_DESTINATION_REFUSED for a module that lies over something else
 */
export function chooseTargets(
  wanted: Pick<Wanted, 'modules'>,
  destinations: readonly Destination[],
  occupied: OccupiedPlaces,
): Promise<RestoreTarget[]> {
  const located: Located[] = destinations.map(({ agent, place }) => ({
    kind: 'agent',
    id: agent,
    prefix: agentPrefix(agent),
    place,
  }));
  if (wanted.modules.skill_pool === 'restore')
    located.push({
      kind: 'skill_pool',
      id: null,
      prefix: SKILL_POOL_PREFIX,
      place: checkModulePlace('skill_pool', occupied),
    });
  if (wanted.modules.secrets === 'restore')
    located.push({
      kind: 'secrets',
      id: null,
      prefix: SECRETS_PREFIX,
      place: checkModulePlace('secret_dir', occupied),
    });
  return Promise.all(
    located.map(async ({ place, ...target }) => ({
      ...target,
      destination: place.path,
      exists: place.kind === 'directory',
      keepInside: keptInside(place, occupied).map((path) => ({ path, reason: 'place' as const })),
      mounts: place.kind === 'directory' ? await mountPointsBelow(place.path) : [],
    })),
  );
}

/** The local master key survives the exchange of the secrets like any place that belongs to somebody else. */
export const keepingMasterKey = (targets: readonly RestoreTarget[]): RestoreTarget[] =>
  targets.map((target) =>
    target.kind === 'secrets'
      ? {
          ...target,
          keepInside: [
            ...target.keepInside,
            { path: join(target.destination, MASTER_KEY), reason: 'master_key' as const },
          ],
        }
      : target,
  );
