import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { type ErrorCode, FULL_SCOPE, type RestorePayload } from '@pawvault/contracts';
import { type ForgedEntry, forgeZip, readTree } from '@pawvault/testing';
import { renameBackup } from '../rename/rename-backup';
import { planBackupRestore } from '../restore/plan-backup-restore';
import { restoreBackup } from '../restore/restore-backup';
import { bareInstance } from '../spec-support/bare-instance';
import { plainEngine, RecordedJob } from '../spec-support/engine-bench';
import { proveArchive } from './prove-archive';
import { verifyBackup } from './verify-backup';

/** How far a refusal lets a reader come: some need only the directory, others show when content is read. */
type Seen = 'when opened' | 'when read';

interface Hostile {
  code: ErrorCode;
  seen: Seen;
  check: string;
  entry: string;
  entries: ForgedEntry[];
}

const PREFIX = 'data/workspaces/a/';
const at = (path: string, more: Partial<ForgedEntry> = {}): ForgedEntry => ({
  name: `${PREFIX}${path}`,
  content: 'some content',
  ...more,
});
const link = (path: string, target: string): ForgedEntry => at(path, { content: target, unixMode: 0o120777 });

/** An archive that is refused for its structure, its layout, or its content; the file before is always sound. */
const hostile = (code: ErrorCode, seen: Seen, check: string, bad: ForgedEntry): Hostile => {
  return { code, seen, check, entry: String(bad.name), entries: [at('a.txt'), bad] };
};

const CASES: Hostile[] = [
  hostile('ARCHIVE_ENCRYPTED', 'when opened', 'structure', at('x', { flags: 0x0801 })),
  hostile('ARCHIVE_METHOD_UNSUPPORTED', 'when opened', 'structure', at('x', { method: 14 })),
  hostile('ARCHIVE_ENTRIES_OVERLAP', 'when opened', 'structure', at('x', { size: 2_000, compressedSize: 2_000 })),
  hostile('ARCHIVE_ENTRY_ESCAPES', 'when opened', 'structure', at('../../../../../etc/cron.d/x')),
  hostile('ARCHIVE_NAME_INVALID', 'when opened', 'structure', at('x\0.txt')),
  hostile('ARCHIVE_NAME_DUPLICATE', 'when opened', 'structure', at('a.txt')),
  hostile('ARCHIVE_ENTRY_TYPE_UNSUPPORTED', 'when opened', 'structure', at('x', { unixMode: 0o010644 })),
  hostile('ARCHIVE_ENTRY_SIZE_MISMATCH', 'when opened', 'structure', at('x', { method: 8, size: 0xfff_ffff })),
  hostile('ARCHIVE_UNEXPECTED_ENTRY', 'when opened', 'layout', { name: 'data/secrets', content: 'x' }),
  hostile('ARCHIVE_UNEXPECTED_ENTRY', 'when opened', 'layout', {
    ...link('', '/etc/shadow'),
    name: 'data/config.json',
  }),
  hostile('ARCHIVE_HEADER_MISMATCH', 'when read', 'content', at('x', { local: { name: `${PREFIX}y` } })),
  hostile('ARCHIVE_ENTRY_CRC_MISMATCH', 'when read', 'content', at('x', { crc32: 1 })),
  hostile('ARCHIVE_ENTRY_SIZE_MISMATCH', 'when read', 'content', at('x', { method: 8, size: 3 })),
  hostile('ARCHIVE_ENTRY_DATA_INVALID', 'when read', 'content', at('x', { method: 8, data: Buffer.from('no stream') })),
  hostile(
    'ARCHIVE_ENTRY_DATA_INVALID',
    'when read',
    'content',
    at('x', { method: 8, data: Buffer.concat([deflateRawSync('some content'), Buffer.from('hidden')]) }),
  ),
  hostile('ARCHIVE_SYMLINK_ESCAPES', 'when read', 'content', link('x', '../../../../etc')),
  hostile('ARCHIVE_SYMLINK_ESCAPES', 'when read', 'content', link('x', '../b/agent.json')),
];

const RESTORE: RestorePayload = {
  backup_id: 'placed',
  mode: 'custom',
  agent_ids: ['a'],
  include_global_config: false,
  include_skill_pool: false,
  include_secrets: false,
  default_workspace_dir: null,
  preserve_local_protected_config: null,
  trust_mode: 'legacy',
  pre_restore_backup: null,
  plan_hash: null,
};

describe('a hostile archive that somebody put into the backup directory', () => {
  const named = CASES.map((each): [string, string, Hostile] => [each.code, each.entry, each]);

  it.each(named)(
    'is refused with %s at %s, whoever looks at it',
    async (_, __, { code, seen, check, entry, entries }) => {
      const { directories, root } = bareInstance({ 'live.txt': 'as it was' });
      const deps = plainEngine(directories);
      mkdirSync(directories.backupDir, { mode: 0o700 });
      const path = join(directories.backupDir, 'placed.zip');
      const meta = { id: 'placed', name: 'n', created_at: '2026-04-20T09:30:00Z', scope: FULL_SCOPE };
      writeFileSync(path, forgeZip([...entries, { name: 'meta.json', content: JSON.stringify(meta) }]));
      const before = readTree(join(root, 'working'));
      const refusal = { code: 'BACKUP_INVALID', details: { reason: code, entry } };

      const verified = await verifyBackup(deps, { backup_id: 'placed' }, new RecordedJob());
      expect(verified.problems).toEqual([expect.objectContaining({ code, path: entry })]);
      const proof = await proveArchive(deps, path, { context: new RecordedJob(), extent: 'first-problem' });
      expect(proof.checks.find(({ state }) => state === 'failed')).toMatchObject({ name: check, code, entry });

      const restore = restoreBackup(deps, RESTORE, new RecordedJob(), { quiesce: { kind: 'none' } });
      await expect(restore).rejects.toMatchObject(refusal);
      if (seen === 'when opened') {
        const rename = renameBackup(deps, { backup_id: 'placed', name: 'renamed' }, new RecordedJob());
        await expect(rename).rejects.toMatchObject(refusal);
        await expect(planBackupRestore(deps, RESTORE, new RecordedJob())).rejects.toMatchObject(refusal);
        await expect(deps.store.detail('placed')).rejects.toMatchObject(refusal);
        await expect(deps.store.files('placed', { limit: 10 })).rejects.toMatchObject(refusal);
        await expect(deps.store.openFile('placed', `${PREFIX}a.txt`)).rejects.toMatchObject(refusal);
      }
      const after = readTree(join(root, 'working'));
      const names = Object.keys(after).filter((name) => name !== '.qwenpaw_restore.lock');
      expect(names).toEqual(Object.keys(before));
      expect(after['workspaces/a/live.txt']).toEqual(before['workspaces/a/live.txt']);
    },
  );
});
