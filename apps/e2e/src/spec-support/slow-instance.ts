import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { noise, tempDir } from '@pawvault/testing';

export interface Place {
  root: string;
  backupDir: string;
  env: Record<string, string>;
}

const FILES = 80;
const FILE_BYTES = 256 << 10;
const LARGE_BYTES = 4 << 20;

/** An instance whose backup takes some seconds: 24 MB of the text that deflate is slowest at, for a single thread. */
export function slowInstance(): Place {
  const root = tempDir('e2e');
  const workspace_dir = join(root, 'working/workspaces/default');
  for (const folder of ['memory', 'dialog']) mkdirSync(join(workspace_dir, folder), { recursive: true });
  const profiles = { default: { id: 'default', workspace_dir, enabled: true } };
  writeFileSync(join(root, 'working/config.json'), JSON.stringify({ agents: { active_agent: 'default', profiles } }));
  writeFileSync(join(workspace_dir, 'agent.json'), JSON.stringify({ id: 'default', name: '默认助手' }));
  writeFileSync(join(workspace_dir, 'dialog/all.jsonl'), fourLetters('dialog', LARGE_BYTES));
  for (let i = 0; i < FILES; i++)
    writeFileSync(join(workspace_dir, `memory/${i}.md`), fourLetters(String(i), FILE_BYTES));
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

/** Repeats everywhere and nowhere for long: 6 MB/s at level 6, where ordinary text makes 40. */
const fourLetters = (seed: string, bytes: number): Buffer =>
  noise(seed, bytes).map((byte) => 97 + (byte & 3)) as Buffer;
