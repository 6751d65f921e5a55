import { resolve } from 'node:path';
import type { JobWarning } from '@pawvault/contracts';
import { expandPath } from '../../instance/registry';
import { parseDocument, printDocument } from './config-document';

export interface AgentJson {
  /** What is restored; the very bytes of the archive where nothing has to be corrected. */
  bytes: Buffer;
  /** The display name in it, or null. */
  name: string | null;
  warning: JobWarning | null;
}

/**
 * Corrects `workspace_dir` in an agent's own agent.json, and nothing else. A file without the key stays without it: the registry rules.
 * @param agent where the agent will live, as the registry will name it
 */
export function correctAgentJson(
  bytes: Buffer,
  agent: { id: string; workspaceDir: string; workingDir: string },
): AgentJson {
  const document = parseDocument(bytes);
  if (document === null) return { bytes, name: null, warning: unreadable(agent.id) };
  const { root, style } = document;
  const name = root.get('name');
  const given = root.get('workspace_dir');
  const stands = given === undefined || (typeof given === 'string' && leadsTo(given, agent));
  const corrected = stands ? bytes : printDocument(new Map(root).set('workspace_dir', agent.workspaceDir), style);
  return { bytes: corrected, name: typeof name === 'string' && name.trim() !== '' ? name : null, warning: null };
}

const leadsTo = (given: string, agent: { workspaceDir: string; workingDir: string }): boolean =>
  given !== '' && resolve(expandPath(given, agent.workingDir)) === resolve(agent.workspaceDir);

const unreadable = (id: string): JobWarning => ({
  code: 'AGENT_JSON_UNREADABLE',
  message: `The agent.json of agent ${id} in the backup is not valid JSON; it is restored as it is`,
  details: { agent: id },
});
