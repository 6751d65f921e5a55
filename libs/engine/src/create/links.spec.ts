import { mkdirSync, renameSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { noise, sha256Of, symlink, type Tree, writeTree } from '@pawvault/testing';
import type { ManifestEntry } from '@pawvault/contracts';
import { MAX_LINKED_BYTES } from '../walk/link-target';
import { type Backed, backUp, type BareInstance, bareInstance, PREFIX, register } from '../spec-support/bare-instance';
import { plainEngine, RecordedJob, threadedEngine } from '../spec-support/engine-bench';
import { HookedRunner } from '../spec-support/hooked-runner';
import { verifyBackup } from '../verify/verify-backup';

const recordOf = ({ view }: Backed, name: string): ManifestEntry | undefined => view.manifest.get(PREFIX + name);

/** The link is there, and has no content. */
function expectAlone(backed: Backed, name: string, target: string): void {
  const record = recordOf(backed, name);
  expect(record).toMatchObject({ type: 'symlink', target, size: 0 });
  expect(record?.sha256).toBeUndefined();
  expect(backed.view.names).not.toContain(PREFIX + name);
}

function expectContent(backed: Backed, name: string, content: string | Buffer): void {
  expect(recordOf(backed, name)).toMatchObject({ type: 'symlink', size: content.length, sha256: sha256Of(content) });
  expect(sha256Of(backed.view.content(PREFIX + name))).toBe(sha256Of(content));
}

async function proven(instance: BareInstance, options: Parameters<typeof threadedEngine>[1] = {}): Promise<Backed> {
  const engine = threadedEngine(instance.directories, options);
  const backed = await backUp(engine);
  const verified = await verifyBackup(engine, { backup_id: backed.result.backup_id }, new RecordedJob());
  expect(verified).toMatchObject({ state: 'ok', trust: 'valid', manifest: 'ok' });
  return backed;
}

const archived = (tree: Tree): Promise<Backed> => proven(bareInstance(tree));

describe('a link to a file inside', () => {
  it('has its content, directly, through other links and through directories that are links', async () => {
    const backed = await archived({
      'notes/plan.md': 'the plan',
      direct: symlink('notes/plan.md'),
      twice: symlink('direct'),
      shortcut: symlink('notes'),
      through: symlink('shortcut/plan.md'),
    });
    for (const name of ['direct', 'twice', 'through']) expectContent(backed, name, 'the plan');
    expectAlone(backed, 'shortcut', 'notes');
  });

  it('stands alone when the content is the very text of its target, which links of earlier versions have', async () => {
    const backed = await archived({ 'same.txt': 'same.txt', link: symlink('same.txt') });
    expectAlone(backed, 'link', 'same.txt');
  });

  it('has the content of a large file, and none of a very large one', async () => {
    const content = noise('large', (1 << 20) + 77);
    const instance = bareInstance({ 'large.bin': content, large: symlink('large.bin'), huge: symlink('huge.bin') });
    writeFileSync(join(instance.workspace, 'huge.bin'), '');
    truncateSync(join(instance.workspace, 'huge.bin'), MAX_LINKED_BYTES + 1);
    const backed = await proven(instance);
    expectContent(backed, 'large', content);
    expectAlone(backed, 'huge', 'huge.bin');
  });

  it.each([
    ['a file that a rule leaves out', 'draft.tmp'],
    ['a file in a directory that a rule leaves out', '__pycache__/m.pyc'],
    ['a directory', 'notes'],
    ['nothing', 'nowhere'],
    ['itself', 'link'],
  ])('to %s stands alone', async (_, target) => {
    const backed = await archived({
      'draft.tmp': 'x',
      '__pycache__/m.pyc': 'x',
      'notes/a.md': 'x',
      link: symlink(target),
    });
    expectAlone(backed, 'link', target);
    expect(backed.result.omission_count).toBe(0);
  });

  it('stands alone when what it led to is gone by the time it is read', async () => {
    const instance = bareInstance({ 'd/a.txt': 'x', 'link.md': symlink('d/a.txt'), 'big.bin': noise('b', 2 << 20) });
    symlinkSync('big.bin', join(instance.workspace, 'big'));
    const pool = new HookedRunner((task, nth) => {
      if (task === 'pack-batch' && nth === 1) renameSync(join(instance.workspace, 'd'), `${instance.workspace}.gone`);
    });
    const backed = await backUp({ ...plainEngine(instance.directories), pool });
    expectAlone(backed, 'link.md', 'd/a.txt');
    expectContent(backed, 'big', noise('b', 2 << 20));
  });
});

describe('a link that leads outside', () => {
  /** Beside the workspace: a shared file, the secrets, the backups, and the workspace of another agent. */
  function neighbourhood(): BareInstance {
    const instance = bareInstance({ 'a.txt': 'x' });
    const { root, workspace, directories } = instance;
    writeTree(root, { 'shared/AGENTS.md': 'shared', 'b/private.md': 'of b' });
    writeTree(directories.secretDir, { '.master_key': 'key' });
    writeTree(directories.backupDir, { 'older.zip': 'older' });
    register(directories.configFile, { a: workspace, b: join(root, 'b') });
    mkdirSync(join(workspace, 'd'));
    const targets = { shared: 'shared/AGENTS.md', other: 'b/private.md' };
    for (const [name, target] of Object.entries(targets)) symlinkSync(join(root, target), join(workspace, 'd', name));
    symlinkSync(join(directories.secretDir, '.master_key'), join(workspace, 'd/key'));
    symlinkSync(join(directories.backupDir, 'older.zip'), join(workspace, 'd/older'));
    return instance;
  }

  it('stands alone', async () => {
    const instance = neighbourhood();
    const backed = await proven(instance);
    expectAlone(backed, 'd/shared', join(instance.root, 'shared/AGENTS.md'));
    expectAlone(backed, 'd/key', join(instance.directories.secretDir, '.master_key'));
  });

  it('has content where the setting allows it, but never of secrets, backups or other agents', async () => {
    const instance = neighbourhood();
    const backed = await proven(instance, { followOutwardLinks: true });
    expectContent(backed, 'd/shared', 'shared');
    expectAlone(backed, 'd/key', join(instance.directories.secretDir, '.master_key'));
    expectAlone(backed, 'd/older', join(instance.directories.backupDir, 'older.zip'));
    expectAlone(backed, 'd/other', join(instance.root, 'b/private.md'));
  });
});

it('a link whose target is no UTF-8 is named', async () => {
  const instance = bareInstance({ 'a.txt': 'x' });
  symlinkSync(Buffer.from([0x66, 0xff]), join(instance.workspace, 'odd'));
  const backed = await proven(instance);
  expect(backed.view.head.omissions).toMatchObject([{ path: `${PREFIX}odd`, reason: 'link_target_not_representable' }]);
});
