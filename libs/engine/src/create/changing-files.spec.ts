import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { noise, sha256Of, type Tree } from '@pawvault/testing';
import { type Backed, backUp, bareInstance, PREFIX } from '../spec-support/bare-instance';
import { plainEngine, RecordedJob } from '../spec-support/engine-bench';
import { HookedRunner } from '../spec-support/hooked-runner';
import type { TaskName } from '../threads/tasks';
import { verifyBackup } from '../verify/verify-backup';

const MIB = 1 << 20;

/** Backs up while `change` is called with the workspace just before each task. */
async function whileChanging(
  tree: Tree,
  change: (workspace: string, task: TaskName, nth: number) => void | Promise<void>,
): Promise<Backed> {
  const { directories, workspace } = bareInstance(tree);
  const engine = plainEngine(directories);
  const pool = new HookedRunner((task, nth) => change(workspace, task, nth));
  const backed = await backUp({ ...engine, pool });
  const verified = await verifyBackup(engine, { backup_id: backed.result.backup_id }, new RecordedJob());
  expect(verified).toMatchObject({ state: 'ok', trust: 'valid', manifest: 'ok' });
  return backed;
}

const reasons = ({ view }: Backed): [string, string][] =>
  view.head.omissions.map(({ path, reason }) => [path.slice(PREFIX.length), reason]);

const atFirst =
  (wanted: TaskName, act: (workspace: string) => void) => (workspace: string, task: TaskName, nth: number) => {
    if (task === wanted && nth === 1) act(workspace);
  };

describe('a small file that, after it was listed,', () => {
  const tree: Tree = { 'a.txt': 'kept', 'b.txt': 'at first', 'c.txt': 'kept' };
  const before = (act: (path: string) => void) => atFirst('pack-batch', (workspace) => act(join(workspace, 'b.txt')));

  it('vanished is named, and the others are kept', async () => {
    const backed = await whileChanging(
      tree,
      before((path) => rmSync(path)),
    );
    expect(reasons(backed)).toEqual([['b.txt', 'vanished']]);
    expect(backed.view.names.slice(0, 3)).toEqual([PREFIX, `${PREFIX}a.txt`, `${PREFIX}c.txt`]);
  });

  it.each<[string, (path: string) => void]>([
    ['grew', (path) => appendFileSync(path, ' and more')],
    ['shrank', (path) => truncateSync(path, 3)],
    ['was replaced', (path) => (writeFileSync(`${path}.new`, 'another file'), renameSync(`${path}.new`, path))],
    ['outgrew a block', (path) => writeFileSync(path, noise('grown', 3 * MIB))],
  ])('%s is kept as it is now', async (_, act) => {
    const backed = await whileChanging(tree, before(act));
    expect(reasons(backed)).toEqual([]);
    const record = backed.view.manifest.get(`${PREFIX}b.txt`);
    expect(record?.unstable).toBeUndefined();
    expect(record?.size).toBe(backed.view.content(`${PREFIX}b.txt`).length);
    expect(record?.size).not.toBe('at first'.length);
  });

  it.each<[string, (path: string) => void]>([
    ['a link', (path) => symlinkSync('/etc/passwd', path)],
    ['a directory', (path) => mkdirSync(path)],
    ['a fifo', (path) => execFileSync('mkfifo', [path])],
  ])('became %s is named and not followed', async (_, act) => {
    const backed = await whileChanging(
      tree,
      before((path) => (rmSync(path), act(path))),
    );
    expect(reasons(backed).map(([path]) => path)).toEqual(['b.txt']);
    expect(backed.view.names).not.toContain(`${PREFIX}b.txt`);
  });
});

describe('a large file that, while it was read,', () => {
  const text = Buffer.alloc(4 * MIB, 'a line of a long log\n');
  const tree: Tree = { 'a.txt': 'kept', 'big.log': text, 'c.txt': 'kept' };
  const during = (nth: number, act: (path: string) => void) => (workspace: string, task: TaskName, count: number) => {
    if (task === 'deflate-block' && count === nth) act(join(workspace, 'big.log'));
  };
  const kept = ({ view }: Backed): Buffer => view.content(`${PREFIX}big.log`);

  it.each<[string, (path: string) => void, Buffer]>([
    ['grew once', (path) => appendFileSync(path, 'last'), Buffer.concat([text, Buffer.from('last')])],
    ['shrank once', (path) => truncateSync(path, MIB + 7), text.subarray(0, MIB + 7)],
    ['was emptied', (path) => truncateSync(path, 0), Buffer.alloc(0)],
  ])('%s is read again and kept whole', async (_, act, expected) => {
    const backed = await whileChanging(tree, during(2, act));
    expect(sha256Of(kept(backed))).toBe(sha256Of(expected));
    expect(backed.view.manifest.get(`${PREFIX}big.log`)?.unstable).toBeUndefined();
    expect(backed.job.codes).toEqual([]);
    expect(backed.result).toMatchObject({ files: 3, bytes: expected.length + 8 });
  });

  it('was replaced or deleted is kept as it was opened', async () => {
    const backed = await whileChanging(
      tree,
      during(2, (path) => rmSync(path)),
    );
    expect(sha256Of(kept(backed))).toBe(sha256Of(text));
  });

  it('never holds still is kept, marked and reported', async () => {
    let length = text.length;
    const backed = await whileChanging(tree, (workspace, task) => {
      if (task === 'deflate-block') appendFileSync(join(workspace, 'big.log'), `line ${length++}\n`);
    });
    expect(backed.view.manifest.get(`${PREFIX}big.log`)?.unstable).toBe(true);
    expect(kept(backed).length).toBeGreaterThanOrEqual(text.length);
    expect(backed.job.warnings).toEqual([
      expect.objectContaining({ code: 'FILE_CHANGED_WHILE_READ', details: { path: `${PREFIX}big.log` } }),
    ]);
  });
});

describe('a large file that, after it was listed,', () => {
  const tree: Tree = { '0.txt': 'first', 'big.log': noise('big', 2 * MIB), 'c.txt': 'kept' };
  const before = (act: (path: string) => void) =>
    atFirst('pack-batch', (workspace) => {
      rmSync(join(workspace, 'big.log'));
      act(join(workspace, 'big.log'));
    });

  it.each<[string, (path: string) => void]>([
    ['vanished', () => undefined],
    ['became a link', (path) => symlinkSync('/etc/passwd', path)],
    ['became a directory', (path) => mkdirSync(path)],
    ['became a fifo', (path) => execFileSync('mkfifo', [path])],
  ])('%s is named', async (_, act) => {
    const backed = await whileChanging(tree, before(act));
    expect(reasons(backed).map(([path]) => path)).toEqual(['big.log']);
    expect(backed.view.names).not.toContain(`${PREFIX}big.log`);
    expect(backed.result.files).toBe(2);
  });

  it('became a small one is kept', async () => {
    const backed = await whileChanging(
      tree,
      before((path) => writeFileSync(path, 'small now')),
    );
    expect(backed.view.content(`${PREFIX}big.log`).toString()).toBe('small now');
  });
});
