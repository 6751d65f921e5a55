import { resolve } from 'node:path';
import type { JobWarning } from '@pawvault/contracts';
import { agentJsonUnreadable, configRepaired, configReprinted } from '../../instance/config-warnings';
import { readJsonDocument, UnreadableJson } from '../../instance/json/json-document';
import { nameIn } from '../../instance/registry';
import { expandPath } from '../../instance/workspace-path';
import { writeDocument } from './config-document';

export interface AgentJson {
  /** What is restored; the very bytes of the archive where nothing has to be corrected. */
  bytes: Buffer;
  /** The display name in it, or null. */
  name: string | null;
  warnings: JobWarning[];
}

/**
 * Corrects `workspace_dir` in an agent's own agent.json, and nothing else. A file without the key stays without it: the registry rules.
 * @param agent where the agent will live, as the registry will name it, and the name of the entry in the archive
 */
export function correctAgentJson(
  bytes: Buffer,
  agent: { id: string; entry: string; workspaceDir: string; workingDir: string },
): AgentJson {
  const { id, entry, workspaceDir } = agent;
  const document = readJsonDocument(bytes);
  if (document instanceof UnreadableJson)
    return { bytes, name: null, warnings: [agentJsonUnreadable(id, { entry }, document.fault)] };
  const { root, fault } = document;
  const warnings = fault === null ? [] : [configRepaired({ entry }, fault)];
  const given = root.get('workspace_dir');
  const name = nameIn(root);
  if (given === undefined || (typeof given === 'string' && leadsTo(given, agent))) return { bytes, name, warnings };
  const written = writeDocument(document, new Map(root).set('workspace_dir', workspaceDir));
  if (written.reprinted) warnings.push(configReprinted({ entry }));
  return { bytes: written.bytes, name, warnings };
}

const leadsTo = (given: string, agent: { workspaceDir: string; workingDir: string }): boolean =>
  given !== '' && resolve(expandPath(given, agent.workingDir)) === resolve(agent.workspaceDir);
