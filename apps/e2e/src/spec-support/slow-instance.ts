import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { noise, tempDir } from '@pawvault/testing';

export interface Place {
  root: string;
  backupDir: string;
  env: Record<string, string>;
}

const FILES = 96;
const FILE_BYTES = 256 << 10;
const LARGE_BYTES = 8 << 20;

/**
 * An instance whose backup takes some seconds: 32 MB of text over few letters, which repeats everywhere and nowhere for long. A thread
 * deflates 6 MB/s of it with four letters and 17 MB/s with six, where ordinary text makes 40.
 */
export function slowInstance({ letters = 4 } = {}): Place {
  const text = (seed: string, bytes: number): Buffer =>
    noise(seed, bytes).map((byte) => 97 + (byte % letters)) as Buffer;
  const root = tempDir('e2e');
  const workspace_dir = join(root, 'working/workspaces/default');
  for (const folder of ['memory', 'dialog']) mkdirSync(join(workspace_dir, folder), { recursive: true });
  const profiles = { default: { id: 'default', workspace_dir, enabled: true } };
  writeFileSync(join(root, 'working/config.json'), JSON.stringify({ agents: { active_agent: 'default', profiles } }));
  writeFileSync(join(workspace_dir, 'agent.json'), JSON.stringify({ id: 'default', name: '默认助手' }));
  writeFileSync(join(workspace_dir, 'dialog/all.jsonl'), text('dialog', LARGE_BYTES));
  for (let i = 0; i < FILES; i++) writeFileSync(join(workspace_dir, `memory/${i}.md`), text(String(i), FILE_BYTES));
  return placeOf(root);
}

export const placeOf = (root: string): Place => ({
  root,
  backupDir: join(root, 'working.backups'),
  env: {
    QWENPAW_WORKING_DIR: join(root, 'working'),
    QWENPAW_SECRET_DIR: join(root, 'working.secret'),
    QWENPAW_BACKUP_DIR: join(root, 'working.backups'),
    QWENPAW_VERSION: '1.1.9',
    PAWVAULT_STATE_DIR: join(root, 'state'),
    PAWVAULT_THREADS: '1',
  },
});
