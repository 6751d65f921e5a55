import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatBackupId, FULL_SCOPE } from '@pawvault/contracts';
import { forgeZip } from '@pawvault/testing';

const START = Date.UTC(2026, 0, 1);
const HOUR_MS = 3_600_000;

/** Backups with nothing in them but what a list shows: `Backup 1` is the oldest, one an hour. */
export function writeBackups(backupDir: string, count: number): void {
  mkdirSync(backupDir, { recursive: true, mode: 0o700 });
  for (let index = 1; index <= count; index++) {
    const at = new Date(START + index * HOUR_MS);
    const id = formatBackupId('1.1.9', at, index.toString(16).padStart(8, '0'));
    const meta = {
      id,
      name: `Backup ${index}`,
      description: index % 3 === 0 ? 'Before the upgrade, to be able to go back whatever happens' : '',
      created_at: at.toISOString(),
      version: '1',
      scope: { ...FULL_SCOPE, include_secrets: index % 2 === 0 },
      agent_count: index % 60,
      qwenpaw_version: '1.1.9',
      system_info: {},
      accepted_via_trust: null,
    };
    writeFileSync(join(backupDir, `${id}.zip`), forgeZip([{ name: 'meta.json', content: JSON.stringify(meta) }]));
  }
}
