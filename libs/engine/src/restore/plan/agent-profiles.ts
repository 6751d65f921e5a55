import { join, resolve } from 'node:path';
import type { LosslessJson } from '@pawvault/archive';
import { expandPath } from '../../instance/workspace-path';
import { type JsonObject, objectOf } from './config-document';

/** An agent that is restored, as the registry is to name it. */
export interface PlacedAgent {
  id: string;
  workspaceDir: string;
}

/** The same profile with its `workspace_dir` corrected; a spelling that leads to the right place already is left alone. */
export function placeProfile(profile: JsonObject, agent: PlacedAgent, workingDir: string): JsonObject {
  const given = profile.get('workspace_dir');
  const leads = typeof given === 'string' && given !== '' ? given : join('workspaces', agent.id);
  const stands = resolve(expandPath(leads, workingDir)) === resolve(agent.workspaceDir);
  return stands ? profile : new Map(profile).set('workspace_dir', agent.workspaceDir);
}

/** The profile of an agent that the registry gets to know: as the backup has it, as far as it has one. */
export function newProfile(known: LosslessJson | undefined, agent: PlacedAgent): JsonObject {
  const profile = objectOf(known);
  profile.set('id', agent.id);
  profile.set('workspace_dir', agent.workspaceDir);
  if (typeof profile.get('enabled') !== 'boolean') profile.set('enabled', true);
  return profile;
}
