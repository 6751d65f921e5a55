import { readdir } from 'node:fs/promises';
import type { JobWarning } from '@pawvault/contracts';
import { targetChanged, toDomainError } from '@pawvault/durable-fs';
import { refuseDestination } from './check-destinations';
import type { Destination } from './destinations';

/**
 * Looks into destinations that exist although no agent is registered there: mostly what an agent left behind when it left the registry, and
 * then the restore may replace it. Below a directory that the request chose freely, it must look like a workspace (or be empty): an agent
 * called `Documents` must not cost anybody their documents.
 * @throws DomainError RESTORE_DESTINATION_REFUSED (not_a_workspace)
 */
export async function inspectOccupied(destinations: readonly Destination[]): Promise<JobWarning[]> {
  const warnings: JobWarning[] = [];
  for (const { agent, place, origin } of destinations) {
    if (origin === 'registered' || place.kind !== 'directory') continue;
    const names = await readdir(place.path).catch((error: unknown) => {
      throw toDomainError(targetChanged(error), place.path);
    });
    if (names.length === 0) continue;
    if (origin === 'requested' && !names.includes('agent.json'))
      throw refuseDestination('not_a_workspace', { agent, path: place.path });
    warnings.push({
      code: 'DESTINATION_OCCUPIED',
      message: `No agent is registered at ${place.path}; what lies there is replaced by agent ${agent}`,
      details: { agent, path: place.path },
    });
  }
  return warnings;
}
