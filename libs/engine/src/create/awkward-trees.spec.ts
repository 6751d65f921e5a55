import { execFileSync } from 'node:child_process';
import { linkSync, openSync, closeSync, ftruncateSync, statSync, utimesSync, writeFileSync, writeSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { directory, file, hasCapabilities, noise, sha256Of, symlink, type Tree } from '@pawvault/testing';
import { proveByOtherTools } from '../spec-support/archive-view';
import { type Backed, backUp, type BareInstance, bareInstance, PREFIX } from '../spec-support/bare-instance';
import { RecordedJob, threadedEngine } from '../spec-support/engine-bench';
import { verifyBackup } from '../verify/verify-backup';

/** Backs the tree up and proves what every archive must stand. */
async function archived(tree: Tree, prepare: (instance: BareInstance) => void = () => undefined): Promise<Backed> {
  const instance = bareInstance(tree);
  prepare(instance);
  const engine = threadedEngine(instance.directories);
  const backed = await backUp(engine);
  const verified = await verifyBackup(engine, { backup_id: backed.result.backup_id }, new RecordedJob());
  expect(verified).toMatchObject({ state: 'ok', trust: 'valid', manifest: 'ok' });
  proveByOtherTools(backed.path);
  return backed;
}

const names = ({ view }: Backed): string[] =>
  view.names.filter((name) => name.startsWith(PREFIX) && name !== PREFIX).map((name) => name.slice(PREFIX.length));

const omitted = ({ view }: Backed): [string, string][] =>
  view.head.omissions.map(({ path, reason }) => [path.slice(PREFIX.length), reason]);

describe('names', () => {
  const KEPT = [
    'n'.repeat(255),
    '字'.repeat(85),
    'telegram:42.json',
    '.hidden',
    '...',
    ' both ends ',
    'trailing.',
    '-rf',
    '报告 №1 (final).txt',
    '😀.txt',
    '～.txt',
    'caf\u00e9',
    'cafe\u0301',
    'README',
    'readme',
    '\u202egnp.exe',
    '__proto__',
    'CON',
    'line\nbreak',
    'tab\tdir/below\r',
    'back\\slash',
    'C:',
    'c:x',
    'C:\\Users\\me\\report.md',
    'bell\u0007',
    'delete\u007f',
  ];

  it('of every kind that a zip can carry are kept, in code-point order', async () => {
    const backed = await archived(Object.fromEntries(KEPT.map((name) => [name, `content of ${name}`])));
    expect(new Set(names(backed))).toEqual(new Set([...KEPT, 'tab\tdir/']));
    expect(backed.view.names).toEqual(
      [...backed.view.names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
    );
    for (const name of KEPT) expect(backed.view.content(PREFIX + name).toString()).toBe(`content of ${name}`);
    expect(backed.result.omission_count).toBe(0);
  });

  it('that are no UTF-8 are named, and nothing around them is lost', async () => {
    const backed = await archived({ 'kept.txt': 'kept' }, ({ workspace }) => {
      writeFileSync(Buffer.concat([Buffer.from(`${workspace}/latin-`), Buffer.from([0xe9])]), 'lost');
    });
    expect(names(backed)).toEqual(['kept.txt']);
    expect(omitted(backed)).toEqual([['latin-\ufffd', 'name_not_representable']]);
    expect(backed.job.codes).toContain('PATHS_OMITTED');
  });

  it('deeper than the limit are named once, at the place where it is passed', async () => {
    const deep = `${'d/'.repeat(60)}leaf`;
    const tooDeep = `${'e/'.repeat(80)}leaf`;
    const backed = await archived({ [deep]: 'kept', [tooDeep]: 'lost' });
    expect(names(backed)).toContain(deep);
    expect(omitted(backed)).toEqual([['e/'.repeat(62), 'too_deep']]);
  });
});

describe('times', () => {
  it('before 1980 and after 2107 are exact in the manifest', async () => {
    const times = ['1901-12-14', '1960-02-29', '2038-01-20', '2107-12-31', '2350-07-01'].map(
      (day) => `${day}T12:34:57.000`,
    );
    // Its four bytes in the timestamp field are those of a central record's signature.
    times.push('1971-01-24T08:07:28.000');
    const nodes = times.flatMap((time, i): [string, Tree[string]][] => {
      const mtime = new Date(`${time}Z`);
      return [
        [`${i}.txt`, file('old', { mtime })],
        [`${i}.d`, directory({ mtime })],
      ];
    });
    const { view } = await archived(Object.fromEntries(nodes));
    times.forEach((time, i) => {
      expect(view.manifest.get(`${PREFIX}${i}.txt`)?.mtime).toBe(`${time}000Z`);
      expect(view.manifest.get(`${PREFIX}${i}.d/`)?.mtime).toBe(`${time}000Z`);
    });
  });

  it('are kept to the microsecond', async () => {
    const seconds = 1_776_677_400;
    const backed = await archived({ 'a.txt': 'x' }, ({ workspace }) =>
      execFileSync('touch', ['-d', `@${seconds}.123456`, join(workspace, 'a.txt')]),
    );
    expect(backed.view.manifest.get(`${PREFIX}a.txt`)?.mtime).toBe('2026-04-20T09:30:00.123456Z');
  });
});

describe('kinds of files', () => {
  it('a fifo and a socket are named', async () => {
    const server = createServer();
    const backed = await archived({ 'a.txt': 'x' }, ({ workspace }) => {
      execFileSync('mkfifo', [join(workspace, 'pipe')]);
      server.listen(join(workspace, 'socket'));
    });
    server.close();
    expect(names(backed)).toEqual(['a.txt']);
    expect(backed.view.head.omissions).toEqual([
      { path: `${PREFIX}pipe`, reason: 'special_file', detail: 'fifo' },
      { path: `${PREFIX}socket`, reason: 'special_file', detail: 'socket' },
    ]);
  });

  it('links stay links wherever they lead; those to files inside have the content', async () => {
    const backed = await archived({
      'd/inside': symlink('../a.txt'),
      'd/dangling': symlink('nowhere'),
      'to-dir': symlink('d'),
      'a.txt': 'x',
      absolute: symlink('/etc/passwd'),
      'd/out': symlink('../../b/secret'),
      detour: symlink('d/../../b'),
      loop: symlink('loop'),
    });
    expect(names(backed)).toEqual(['a.txt', 'd/', 'd/inside']);
    expect(backed.view.content(`${PREFIX}d/inside`).toString()).toBe('x');
    expect(backed.view.manifest.get(`${PREFIX}d/inside`)).toMatchObject({
      type: 'symlink',
      target: '../a.txt',
      size: 1,
      sha256: sha256Of('x'),
    });
    const alone = ['absolute', 'd/dangling', 'd/out', 'detour', 'loop', 'to-dir'];
    for (const name of alone) {
      const record = backed.view.manifest.get(PREFIX + name);
      expect(record).toMatchObject({ type: 'symlink', size: 0 });
      expect(record?.sha256).toBeUndefined();
    }
    expect(backed.view.manifest.get(`${PREFIX}absolute`)?.target).toBe('/etc/passwd');
    expect(backed.view.head.entry_count).toBe(backed.view.manifest.size);
    expect(backed.result).toMatchObject({ files: 8, bytes: 2, omission_count: 0 });
  });

  it('hard links are files, each with the content', async () => {
    const backed = await archived({ 'a.txt': 'twice' }, ({ workspace }) =>
      linkSync(join(workspace, 'a.txt'), join(workspace, 'b.txt')),
    );
    expect(backed.view.content(`${PREFIX}b.txt`).toString()).toBe('twice');
  });

  it('empty files and directories, modes and set-uid bits come along', async () => {
    const backed = await archived({
      empty: '',
      'hollow/deep': directory({ mode: 0o750 }),
      run: file('#!/bin/sh', { mode: 0o4755 }),
      'read-only': file('x', { mode: 0o444 }),
    });
    expect(names(backed)).toEqual(['empty', 'hollow/', 'hollow/deep/', 'read-only', 'run']);
    const modes = ['hollow/deep/', 'read-only', 'run'].map((name) => backed.view.manifest.get(PREFIX + name)?.mode);
    expect(modes).toEqual([0o750, 0o444, 0o4755]);
  });

  const closed = {
    file: file('x', { mode: 0o000 }),
    directory: directory({ mode: 0o000 }),
    open: 'x',
  };

  if (hasCapabilities('dac_override'))
    it('what its mode closes to everyone is read with the capability for it', async () => {
      const backed = await archived(closed);
      expect(names(backed)).toEqual(['directory/', 'file', 'open']);
      expect(backed.view.manifest.get(`${PREFIX}file`)?.mode).toBe(0o000);
    });
  else
    it('what its mode closes to everyone is omitted and named', async () => {
      const backed = await archived(closed);
      expect(names(backed)).toContain('open');
      expect(names(backed)).not.toContain('file');
      expect(omitted(backed)).toEqual([
        ['directory/', 'unreadable'],
        ['file', 'unreadable'],
      ]);
    });

  it('an empty workspace is its directory', async () => {
    const backed = await archived({});
    expect(backed.view.names).toEqual([PREFIX, 'manifest.json', 'meta.json']);
    expect(backed.result).toMatchObject({ agents: ['a'], files: 0, bytes: 0, omission_count: 0 });
  });
});

describe('large files', () => {
  it('compressible and not, at and around the size of a block, come back byte for byte', async () => {
    const MIB = 1 << 20;
    const tree: Record<string, Buffer> = {
      'exactly-a-block': noise('block', MIB),
      'a-block-and-one': noise('block and one', MIB + 1),
      text: Buffer.alloc(3 * MIB + 17, 'the same line again\n'),
      noise: noise('media', 2 * MIB + 5),
      mixed: Buffer.concat([Buffer.alloc(MIB, 'text '), noise('half', 2 * MIB), Buffer.alloc(100, 'x')]),
      'noise-first': Buffer.concat([noise('first', MIB), Buffer.alloc(MIB, 'then text ')]),
    };
    const backed = await archived(tree);
    for (const [name, content] of Object.entries(tree))
      expect([name, sha256Of(backed.view.content(PREFIX + name))]).toEqual([name, sha256Of(content)]);
    const stored = statSync(backed.path).size;
    expect(stored).toBeLessThan(9.5 * MIB);
  });

  it('with holes are read as zeros and take no room', async () => {
    const size = 24 << 20;
    const backed = await archived({}, ({ workspace }) => {
      const fd = openSync(join(workspace, 'sparse.img'), 'w');
      ftruncateSync(fd, size);
      writeSync(fd, 'end', size - 3);
      closeSync(fd);
      utimesSync(join(workspace, 'sparse.img'), 1, 1);
    });
    const content = backed.view.content(`${PREFIX}sparse.img`);
    expect(content.length).toBe(size);
    expect(content.subarray(0, size - 3).every((byte) => byte === 0)).toBe(true);
    expect(statSync(backed.path).size).toBeLessThan(100_000);
  });
});
