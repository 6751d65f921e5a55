import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import type { RestorePayload } from '@pawvault/contracts';
import { canMount, removeTestTree } from '@pawvault/testing';
import { createBackup } from '../create/create-backup';
import type { Engine } from '../engine';
import { bareInstance } from '../spec-support/bare-instance';
import { fullPayload, RecordedJob, threadedEngine } from '../spec-support/engine-bench';
import { arbitraryRichTree, readRichTree, type RichTree, writeRichTree } from '../spec-support/rich-tree';
import { restoreBackup } from './restore-backup';

const LONG = process.env['PAWVAULT_LONG_TESTS'] === '1';

const FULL: Omit<RestorePayload, 'backup_id'> = {
  mode: 'full',
  agent_ids: [],
  include_global_config: false,
  include_skill_pool: false,
  include_secrets: false,
  default_workspace_dir: null,
  preserve_local_protected_config: null,
  trust_mode: null,
  pre_restore_backup: null,
  plan_hash: null,
};

/** All runs share the threads of the first engine. */
let threads: Engine | undefined;
let runs = 0;

/** Which paths the exclude rules or their nature keep out of every backup; the rule for `__pycache__` is about directories. */
function isNeverInBackups(path: string, described: string): boolean {
  const names = path.split('/');
  const directories = described.startsWith('directory') ? names : names.slice(0, -1);
  const isLeftOut = names.some((name) => name.endsWith('.tmp') || name.includes('\xff'));
  return described.startsWith('special') || isLeftOut || directories.includes('__pycache__');
}

const CAN_MOUNT = canMount();

/** A share below the workspace, as people mount a NAS. @returns takes it away */
function mountShare(workspace: string): () => void {
  const share = join(workspace, 'mounted/nas');
  mkdirSync(share, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', share]);
  writeFileSync(join(share, 'on the share.txt'), 'it stays');
  return () => void execFileSync('umount', [share]);
}

async function undo(saved: RichTree, changed: RichTree, withShare: boolean): Promise<void> {
  const { root, directories, workspace } = bareInstance();
  let unmount = (): void => undefined;
  try {
    const engine = threadedEngine(directories);
    threads ??= engine;
    const deps = { ...engine, pool: threads.pool };
    writeRichTree(workspace, saved);
    const { backup_id } = await createBackup(deps, fullPayload(), new RecordedJob());
    const original = readRichTree(workspace);
    writeRichTree(workspace, changed);
    if (withShare && CAN_MOUNT) unmount = mountShare(workspace);
    const before = readRichTree(workspace);
    const pre_restore_backup = { created_at: '2026-11-23T08:00:00Z', short_id: (++runs).toString(16).padStart(8, '0') };
    const rest = { quiesce: { kind: 'none' as const } };
    const result = await restoreBackup(deps, { ...FULL, backup_id, pre_restore_backup }, new RecordedJob(), rest);
    expectRestored(readRichTree(workspace), { original, before });
    await restoreBackup(deps, { ...FULL, backup_id: result.pre_restore_backup_id ?? '' }, new RecordedJob(), rest);
    expect(readRichTree(workspace)).toEqual(before);
  } finally {
    unmount();
    removeTestTree(root);
  }
}

/** What the backup holds is there as it was saved; what no backup holds is there as it was before, at its path or beside it. */
function expectRestored(
  after: Record<string, string>,
  { original, before }: Record<'original' | 'before', Record<string, string>>,
): void {
  const withoutOwner = (text: string | undefined): string | undefined => text?.replace(/^(\S+ \S* \d+) \d+ \d+/, '$1');
  for (const [path, node] of Object.entries(original)) {
    if (isNeverInBackups(path, node)) continue;
    expect([path, withoutOwner(after[path])]).toEqual([path, withoutOwner(node)]);
  }
  const all = Object.values(after);
  for (const [path, node] of Object.entries(before)) {
    if (!isNeverInBackups(path, node) || original[path] !== undefined) continue;
    expect([path, after[path] ?? (all.includes(node) ? node : 'gone')]).toEqual([path, node]);
  }
}

it(
  'a restore loses nothing that no backup holds, and undoing it leaves every path as it was',
  async () => {
    const runs = LONG ? 400 : 15;
    await fc.assert(fc.asyncProperty(arbitraryRichTree, arbitraryRichTree, fc.boolean(), undo), {
      numRuns: runs,
      endOnFailure: !LONG,
    });
  },
  LONG ? 3_600_000 : 120_000,
);
