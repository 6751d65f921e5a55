import { copyFile, mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { fsyncDirectory } from '@pawvault/durable-fs';
import type { EngineDeps } from '../engine';
import type { PreparedPlan } from './plan/prepared-plan';

/**
 * Copies the present master key beside the backups before it is replaced: the only copy must never depend on one restore going well.
 * @returns where the copy is, or null when the key stays
 */
export async function saveMasterKey(deps: EngineDeps, { plan }: PreparedPlan): Promise<string | null> {
  if (!plan.replaces_master_key) return null;
  const directory = join(deps.directories.backup_dir, '_pre_restore_keys');
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const target = join(
    directory,
    `${deps
      .clock()
      .toISOString()
      .replace(/[-:]|\.\d+/g, '')}.master_key.bak`,
  );
  await copyFile(join(deps.directories.secret_dir, '.master_key'), target);
  const handle = await open(target, 'r+');
  try {
    await handle.chmod(0o600);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await fsyncDirectory(directory);
  return target;
}
