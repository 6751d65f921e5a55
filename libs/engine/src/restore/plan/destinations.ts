import { isAbsolute, join, resolve } from 'node:path';
import { DomainError } from '@pawvault/contracts';
import type { CurrentInstance } from './current-instance';
import type { Place } from './place';

export type Locate = (path: string) => Promise<Place>;

/** Where an agent goes. */
export interface Destination {
  agent: string;
  /** As the registry will name it. */
  workspaceDir: string;
  place: Place;
  /**
   * registered: the directory that the registry names already; requested: below the directory that the request gives; default: where
   * QwenPaw itself would put it.
   */
  origin: 'registered' | 'requested' | 'default';
}

/**
 * Chooses where each agent goes: the path of the current registry if it exists on disk; else below `defaultWorkspaceDir` if given; else
 * `<working>/workspaces/<id>`. Whether the places are acceptable is decided by `checkDestinations`.
 * @throws DomainError RESTORE_DESTINATION_REFUSED when `defaultWorkspaceDir` is not absolute
 */
export async function chooseDestinations(
  request: { agents: readonly string[]; defaultWorkspaceDir: string | null },
  current: Pick<CurrentInstance, 'directories' | 'registry'>,
  locate: Locate,
): Promise<Destination[]> {
  const { defaultWorkspaceDir: requested } = request;
  if (requested !== null && !isAbsolute(requested)) {
    throw new DomainError('RESTORE_DESTINATION_REFUSED', 'default_workspace_dir must be an absolute path', {
      agent: null,
      path: requested,
      reason: 'not_absolute',
    });
  }
  const registered = new Map(current.registry.agents.map((agent) => [agent.id, agent]));
  const choose = async (id: string): Promise<Destination> => {
    const known = registered.get(id);
    const at = async (workspaceDir: string, origin: Destination['origin']): Promise<Destination> => ({
      agent: id,
      workspaceDir,
      place: await locate(resolve(workspaceDir)),
      origin,
    });
    if (known?.exists === true) return at(known.workspaceDir, 'registered');
    if (requested !== null) return at(resolve(requested, id), 'requested');
    return at(join(current.directories.working_dir, 'workspaces', id), 'default');
  };
  return Promise.all(request.agents.map(choose));
}
