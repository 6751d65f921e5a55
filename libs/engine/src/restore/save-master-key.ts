import { constants } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { fsyncDirectory, holdDirectory } from '@pawvault/durable-fs';
import type { EngineDeps } from '../engine';
import type { PreparedPlan } from './plan/prepared-plan';
import { readKey } from './plan/master-key';

/**
 * Copies the present master key beside the backups before it is replaced: the only copy must never depend on one restore going well.
 * @returns where the copy is, or null when the key stays
 */
export async function saveMasterKey(deps: EngineDeps, { plan }: PreparedPlan): Promise<string | null> {
  if (!plan.replaces_master_key) return null;
  const key = await readKey(deps.directories.secret_dir);
  if (!Buffer.isBuffer(key)) return null;
  const directory = join(deps.directories.backup_dir, '_pre_restore_keys');
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const name = `${deps
    .clock()
    .toISOString()
    .replace(/[-:]|\.\d+/g, '')}.master_key.bak`;
  const held = holdDirectory(directory);
  try {
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW;
    const handle = await open(held.at(name), flags, 0o600);
    try {
      await handle.writeFile(key);
      await handle.chmod(0o600);
      await handle.sync();
    } finally {
      await handle.close();
    }
  } finally {
    held.close();
  }
  await fsyncDirectory(directory);
  return join(directory, name);
}
