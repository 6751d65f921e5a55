import { join, resolve } from 'node:path';
import type { CurrentInstance } from './current-instance';
import type { Locate } from './destinations';
import type { Place } from './place';

/** Places of the instance that no agent may be, contain or lie in. */
export type ReservedName = 'secret_dir' | 'backup_dir' | 'plugins' | 'custom_channels' | 'skill_pool';

/** What lies where, before a restore. */
export interface OccupiedPlaces {
  working: Place;
  config: Place;
  reserved: ReadonlyMap<ReservedName, Place>;
  /** Workspaces of all registered agents, whether they exist or not. */
  workspaces: ReadonlyMap<string, Place>;
}

/** Locates everything that a restore could hit. */
export async function locateOccupied(
  current: Pick<CurrentInstance, 'directories' | 'registry' | 'configPath'>,
  locate: Locate,
): Promise<OccupiedPlaces> {
  const { working_dir, secret_dir, backup_dir } = current.directories;
  const reserved: [ReservedName, string][] = [
    ['secret_dir', secret_dir],
    ['backup_dir', backup_dir],
    ['plugins', join(working_dir, 'plugins')],
    ['custom_channels', join(working_dir, 'custom_channels')],
    ['skill_pool', join(working_dir, 'skill_pool')],
  ];
  const workspaces = current.registry.agents.map(({ id, workspaceDir }) => [id, resolve(workspaceDir)] as const);
  return {
    working: await locate(resolve(working_dir)),
    config: await locate(resolve(current.configPath)),
    reserved: new Map(await locateAll(reserved, locate)),
    workspaces: new Map(await locateAll(workspaces, locate)),
  };
}

const locateAll = <Name>(paths: readonly (readonly [Name, string])[], locate: Locate): Promise<[Name, Place][]> =>
  Promise.all(paths.map(async ([name, path]): Promise<[Name, Place]> => [name, await locate(path)]));
