import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type FileRecord, moduleOf } from '@pawvault/contracts';
import type { HttpClient, SampleInstance } from '@pawvault/testing';

interface FilePage {
  files: FileRecord[];
  next_cursor: string | null;
}

/**
 * Holds every file of a backup against the disk, by the digests of its manifest.
 * @returns how many files are equal
 * @throws Error naming the first that is not
 */
export async function proveEquality(client: HttpClient, backupId: string, instance: SampleInstance): Promise<number> {
  let equal = 0;
  for (let cursor: string | null = ''; cursor !== null;) {
    const query: string = cursor === '' ? '' : `?cursor=${encodeURIComponent(cursor)}`;
    const page: FilePage = await client.get<FilePage>(`/api/v1/backups/${backupId}/files${query}`);
    for (const file of page.files) {
      const path = file.type === 'file' ? placeOf(file.path, instance) : null;
      if (path === null) continue;
      if (createHash('sha256').update(readFileSync(path)).digest('hex') !== file.sha256)
        throw new Error(`${path} differs from the backup`);
      equal += 1;
    }
    cursor = page.next_cursor;
  }
  return equal;
}

/** Where an entry belongs on the disk; null for the archive's own entries. */
function placeOf(name: string, { directories, agents }: SampleInstance): string | null {
  const owner = moduleOf(name);
  if (owner === null) return null;
  if (owner.module === 'global_config') return directories.configFile;
  if (owner.module === 'secrets') return join(directories.secretDir, owner.path);
  if (owner.module !== 'agents') return join(directories.workingDir, 'skill_pool', owner.path);
  const { agent: agentId } = owner;
  const agent = agents.find(({ id }) => id === agentId);
  return agent === undefined ? null : join(agent.workspaceDir, owner.path);
}
