import {
  type ArchiveLimits,
  type ArchiveReader,
  openArchive,
  readManifestHead,
  unknownEntries,
  type ZipEntry,
} from '@pawvault/archive';
import {
  agentPrefix,
  type BackupDetail,
  DomainError,
  type ManifestHead,
  type ModuleStats,
  moduleOf,
} from '@pawvault/contracts';
import { errnoOf, toDomainError } from '@pawvault/durable-fs';
import type { StoredBackup } from './stored-backup';

/** What an archive holds, by module and agent. */
export type ArchiveContents = Pick<BackupDetail, 'agents' | 'modules' | 'unknown' | 'omissions' | 'exclusions'>;

/** An agent.json that is larger is none; only its name is looked for. */
const MAX_AGENT_JSON_BYTES = 1024 * 1024;

/**
 * Opens the archive of a backup, acts on it and closes it.
 * @throws DomainError BACKUP_INVALID with the code of the damage in `details.reason`, BACKUP_NOT_FOUND when the file is gone
 */
export async function withArchive<T>(
  backup: StoredBackup,
  limits: ArchiveLimits,
  act: (reader: ArchiveReader) => Promise<T>,
): Promise<T> {
  const reader = await openBackup(backup, limits);
  try {
    return await act(reader);
  } catch (error) {
    throw asInvalid(backup.id, error);
  } finally {
    await reader.close();
  }
}

/** The caller closes the reader. @throws as {@link withArchive} */
export async function openBackup(backup: StoredBackup, limits: ArchiveLimits): Promise<ArchiveReader> {
  try {
    return await openArchive(backup.source, limits);
  } catch (error) {
    throw asInvalid(backup.id, error);
  }
}

/** A refusal of the archive becomes BACKUP_INVALID that names it; failures of the system keep their own codes. */
export function asInvalid(id: string, error: unknown): unknown {
  if (error instanceof DomainError) {
    if (!error.code.startsWith('ARCHIVE_')) return error;
    return new DomainError(
      'BACKUP_INVALID',
      error.message,
      { ...error.details, id, reason: error.code },
      { cause: error },
    );
  }
  // ELOOP: a link has taken the place of the file since it was looked at.
  if (['ENOENT', 'ELOOP'].includes(errnoOf(error) ?? '')) {
    return new DomainError('BACKUP_NOT_FOUND', undefined, { id }, { cause: error });
  }
  return toDomainError(error);
}

/** From the manifest where there is one, else counted from the zip directory. */
export async function readContents(reader: ArchiveReader): Promise<ArchiveContents> {
  const head = await readManifestHead(reader);
  const unknown = unknownEntries(reader.entries);
  const stats = unknown === null ? null : { files: unknown.files, bytes: unknown.bytes };
  return { ...(head === null ? await countContents(reader) : fromHead(head)), unknown: stats };
}

type OfModules = Omit<ArchiveContents, 'unknown'>;

const fromHead = ({ agents, modules, omissions, exclusions }: ManifestHead): OfModules => ({
  agents,
  modules,
  omissions,
  exclusions,
});

async function countContents(reader: ArchiveReader): Promise<OfModules> {
  const agents = new Map<string, ModuleStats>();
  const modules: ArchiveContents['modules'] = {};
  for (const entry of reader.entries) {
    const owner = moduleOf(entry.name);
    if (owner === null) continue;
    if (owner.module === 'agents') agents.set(owner.agent, add(agents.get(owner.agent), entry));
    else modules[owner.module] = add(modules[owner.module], entry);
  }
  const named: [string, ModuleStats & { name: string }][] = [];
  for (const [id, stats] of agents) named.push([id, { ...stats, name: await agentName(reader, id) }]);
  // Not by assignment: an agent may be called __proto__.
  return { agents: Object.fromEntries(named), modules, omissions: null, exclusions: null };
}

/** Directories count as nothing, but a module or agent that has only directories is there. */
function add(stats: ModuleStats | undefined, entry: ZipEntry): ModuleStats {
  const { files, bytes } = stats ?? { files: 0, bytes: 0 };
  return entry.type === 'directory' ? { files, bytes } : { files: files + 1, bytes: bytes + entry.size };
}

/** The display name, or the id where the agent.json is missing, too large, damaged or has none. */
async function agentName(reader: ArchiveReader, id: string): Promise<string> {
  const entry = reader.get(`${agentPrefix(id)}agent.json`);
  if (entry?.type !== 'file' || entry.size > MAX_AGENT_JSON_BYTES) return id;
  try {
    const value = JSON.parse((await reader.read(entry, MAX_AGENT_JSON_BYTES)).toString('utf8')) as {
      name?: unknown;
    } | null;
    return typeof value?.name === 'string' && value.name !== '' ? value.name : id;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof DomainError) return id;
    throw error;
  }
}
