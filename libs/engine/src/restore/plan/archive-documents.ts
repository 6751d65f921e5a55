import { type ArchiveReader, type ZipEntry } from '@pawvault/archive';
import { agentPrefix, CONFIG_ENTRY, DomainError, type JobWarning } from '@pawvault/contracts';
import { type AgentJson, correctAgentJson } from './agent-json';
import { describeFault } from '../../instance/config-warnings';
import {
  type JsonDocument,
  MAX_DOCUMENT_BYTES,
  readJsonDocument,
  UnreadableJson,
} from '../../instance/json/json-document';
import type { JsonFault } from '../../instance/json/json-fault';
import type { Destination } from './destinations';

/**
 * The config.json of an archive, or null where there is none.
 * @param need required: it is what is restored; optional: only what it knows of agents is of interest
 * @throws DomainError BACKUP_INVALID {entry, line, column, reason} when a required one cannot be read
 */
export async function readArchivedConfig(
  reader: ArchiveReader,
  need: 'required' | 'optional',
): Promise<JsonDocument | null> {
  const entry = reader.get(CONFIG_ENTRY);
  if (entry === undefined) return null;
  const document = await readDocument(reader, entry);
  if (!(document instanceof UnreadableJson)) return document;
  if (need === 'required') throw unreadableConfig(document.fault);
  return null;
}

const unreadableConfig = (fault: JsonFault): DomainError =>
  new DomainError('BACKUP_INVALID', describeFault({ entry: CONFIG_ENTRY }, fault), { entry: CONFIG_ENTRY, ...fault });

async function readDocument(reader: ArchiveReader, entry: ZipEntry): Promise<JsonDocument | UnreadableJson> {
  const refuse = (reason: string): UnreadableJson =>
    new UnreadableJson({ line: 1, column: 1, reason }, Buffer.alloc(0));
  if (entry.type !== 'file') return refuse('not a regular file');
  if (entry.size > MAX_DOCUMENT_BYTES) return refuse('the file is larger than 4 MiB');
  return readJsonDocument(await reader.read(entry, MAX_DOCUMENT_BYTES));
}

export interface AgentDocuments {
  /** Display name per agent; the id where the agent.json has none. */
  names: Map<string, string>;
  /** Final agent.json per agent, where it differs from the archive's. */
  corrected: Map<string, Buffer>;
  warnings: JobWarning[];
}

/** Reads the agent.json of each agent and corrects its path. */
export async function readAgentDocuments(
  reader: ArchiveReader,
  destinations: readonly Destination[],
  workingDir: string,
): Promise<AgentDocuments> {
  const documents: AgentDocuments = { names: new Map(), corrected: new Map(), warnings: [] };
  for (const { agent: id, workspaceDir } of destinations) {
    const entry = reader.get(agentJsonEntry(id));
    if (entry?.type !== 'file' || entry.size > MAX_DOCUMENT_BYTES) continue;
    const bytes = await reader.read(entry, MAX_DOCUMENT_BYTES);
    const result: AgentJson = correctAgentJson(bytes, { id, entry: entry.name, workspaceDir, workingDir });
    if (result.name !== null) documents.names.set(id, result.name);
    if (result.bytes !== bytes) documents.corrected.set(id, result.bytes);
    documents.warnings.push(...result.warnings);
  }
  return documents;
}

export const agentJsonEntry = (id: string): string => `${agentPrefix(id)}agent.json`;
