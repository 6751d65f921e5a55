import { createHash } from 'node:crypto';
import { rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { type ArchiveReader, DEFAULT_LIMITS, type ZipEntry } from '@pawvault/archive';
import type { TreeChanges } from '@pawvault/contracts';
import { tempDir, writeTree } from '@pawvault/testing';
import fc from 'fast-check';
import { compileExcludeRules } from '../../walk/exclude-rules';
import { ManifestRecords } from './manifest-records';
import { measureTargets } from './measure-targets';

const PREFIX = 'data/workspaces/a/';
const THEN = new Date('2026-04-20T09:30:00Z');

interface Item {
  content: string;
  type?: ZipEntry['type'];
  mtime?: Date;
}

function entryOf(path: string, { content, type = 'file', mtime = THEN }: Item): ZipEntry {
  const bytes = Buffer.from(content);
  const facts = {
    size: bytes.length,
    compressedSize: bytes.length,
    crc32: crc32(bytes),
    mtimeMs: mtime.getTime(),
    type,
  };
  return { name: PREFIX + path, method: 0, mode: 0o644, offset: 0, end: 0, flags: 0, dosDateTime: 0, ...facts };
}

interface Case {
  archive: Record<string, Item>;
  keepInside?: string[];
  rewritten?: Record<string, string>;
  proof: 'sha256' | 'crc32';
  signal?: AbortSignal;
}

async function diff(root: string, { archive, keepInside = [], rewritten = {}, proof, signal }: Case) {
  const hash = ({ content }: Item): Buffer => createHash('sha256').update(content).digest();
  const hashes =
    proof === 'crc32' ? [] : Object.entries(archive).map(([path, item]) => [PREFIX + path, hash(item)] as const);
  const keep = keepInside.map((path) => ({ path: join(root, path), reason: 'place' as const }));
  const target = {
    kind: 'agent',
    id: 'a',
    prefix: PREFIX,
    destination: root,
    exists: true,
    keepInside: keep,
    mounts: [],
  } as const;
  const records = new ManifestRecords();
  hashes.forEach(([name, sha256]) => records.hashes.set(name, sha256));
  const documents = {
    names: new Map<string, string>(),
    corrected: new Map(Object.entries(rewritten).map(([, text]) => ['a', Buffer.from(text)])),
    warnings: [],
  };
  const entries = Object.entries(archive).map(([path, item]) => entryOf(path, item));
  const choice = {
    rules: compileExcludeRules(['*.tmp']),
    limits: DEFAULT_LIMITS,
    clean: false,
    makesOutwardLinks: true,
  };
  const [measured] = await measureTargets({ entries } as unknown as ArchiveReader, {
    targets: [target as never],
    documents,
    records,
    choice,
    signal: signal ?? new AbortController().signal,
  });
  if (measured === undefined) throw new Error('nothing was measured');
  const { live, future } = measured.target;
  return { changes: measured.changes, paths: measured.paths, kept: future.keptOut, state: live.state };
}

const NONE: TreeChanges = { added: 0, changed: 0, removed: 0, carried: 0, unchanged: 0, bytes: 0 };

describe.each(['sha256', 'crc32'] as const)('with %s', (proof) => {
  it.each<[string, () => string, Record<string, Item>, Partial<TreeChanges>]>([
    ['nothing there', () => '', { f: { content: 'abc' }, 'd/g': { content: '' } }, { added: 2, bytes: 3 }],
    ['the same', () => 'abc', { f: { content: 'abc' } }, { unchanged: 1, bytes: 3 }],
    ['another size', () => 'abcd', { f: { content: 'abc' } }, { changed: 1, bytes: 3 }],
    ['another content of the same size', () => 'xyz', { f: { content: 'abc' } }, { changed: 1, bytes: 3 }],
    ['a file that goes', () => 'abc', {}, { removed: 1 }],
    ['a file that becomes a link', () => 'abc', { f: { content: 'abc', type: 'symlink' } }, { changed: 1, bytes: 3 }],
    ['a file that becomes a directory', () => 'abc', { 'f/x': { content: 'y' } }, { added: 1, removed: 1, bytes: 1 }],
    [
      'a directory',
      () => 'abc',
      { 'f2/': { content: '', type: 'directory' }, f: { content: 'abc' } },
      { unchanged: 1, bytes: 3 },
    ],
  ])('sees %s', async (_, content, archive, expected) => {
    const root = tempDir('diff');
    if (content() !== '') writeFileSync(join(root, 'f'), content());
    expect((await diff(root, { archive, proof })).changes).toEqual({ ...NONE, ...expected });
  });

  it('compares links by where they lead', async () => {
    const root = tempDir('diff');
    symlinkSync('abc', join(root, 'same'));
    symlinkSync('abc', join(root, 'other'));
    const archive = {
      same: { content: 'abc', type: 'symlink' as const },
      other: { content: 'xyz', type: 'symlink' as const },
    };
    expect((await diff(root, { archive, proof })).changes).toMatchObject({ unchanged: 1, changed: 1 });
  });

  it('finds what a full comparison finds, on any trees', async () => {
    const path = fc.constantFrom('a', 'b', 'c/d', 'c/e', 'f/g/h', '__proto__');
    const text = fc.constantFrom('', 'x', 'y', 'xx', 'yy');
    const type = fc.constantFrom<ZipEntry['type']>('file', 'symlink');
    const item = fc
      .record({ content: text, type })
      .map((one) => ({ ...one, content: one.type === 'symlink' ? `l${one.content}` : one.content }));
    const tree = fc.dictionary(path, item, { noNullPrototype: true });
    await fc.assert(
      fc.asyncProperty(tree, tree, async (live, archive) => {
        const root = tempDir('diff');
        writeTree(
          root,
          Object.fromEntries(
            Object.entries(live).map(([name, { type: kind, content }]) => [
              name,
              kind === 'symlink' ? { type: 'symlink', target: content } : content,
            ]),
          ),
        );
        const { changes } = await diff(root, { archive, proof });
        expect(changes).toEqual(fullComparison(live, archive));
        rmSync(root, { recursive: true });
      }),
      { numRuns: 60 },
    );
  });
});

function fullComparison(live: Record<string, Item>, archive: Record<string, Item>): TreeChanges {
  const changes = { ...NONE };
  for (const [path, item] of Object.entries(archive)) {
    changes.bytes += item.content.length;
    const there = Object.hasOwn(live, path) ? live[path] : undefined;
    if (there === undefined) changes.added += 1;
    else if (there.content === item.content && there.type === item.type) changes.unchanged += 1;
    else changes.changed += 1;
  }
  changes.removed = Object.keys(live).filter((path) => !Object.hasOwn(archive, path)).length;
  return changes;
}

it('takes size and second as proof, and reads a file only when they differ', async () => {
  const root = tempDir('diff');
  writeFileSync(join(root, 'f'), 'xyz');
  utimesSync(join(root, 'f'), THEN, new Date(THEN.getTime() + 700));
  const archive = { f: { content: 'abc' } };
  expect((await diff(root, { archive, proof: 'sha256' })).changes).toMatchObject({ unchanged: 1 });
  utimesSync(join(root, 'f'), THEN, new Date(THEN.getTime() + 1700));
  expect((await diff(root, { archive, proof: 'sha256' })).changes).toMatchObject({ changed: 1 });
});

it('compares with the content that will really be written', async () => {
  const root = tempDir('diff');
  writeTree(root, { 'agent.json': { type: 'file', content: 'new', mtime: THEN } });
  const archive = { 'agent.json': { content: 'old' } };
  const { changes } = await diff(root, { archive, rewritten: { 'agent.json': 'new' }, proof: 'crc32' });
  expect(changes).toEqual({ ...NONE, unchanged: 1, bytes: 3 });
  expect((await diff(root, { archive, rewritten: { 'agent.json': 'newer' }, proof: 'crc32' })).changes).toMatchObject({
    changed: 1,
    bytes: 5,
  });
});

it('leaves kept places out on both sides and says how much of the archive they cost', async () => {
  const root = tempDir('diff');
  writeTree(root, { 'in/other/x': 'live', y: 'live' });
  const archive = { 'in/other/x': { content: 'a' }, 'in/other/z': { content: 'b' }, 'in/otherwise': { content: 'c' } };
  const { changes, kept, state } = await diff(root, { archive, keepInside: ['in/other'], proof: 'crc32' });
  expect(changes).toEqual({ ...NONE, added: 1, removed: 1, carried: 1, bytes: 1 });
  expect([kept, state.bytes]).toEqual([2, 4]);
});

it('stops with the reason of the signal', async () => {
  const root = tempDir('diff');
  writeFileSync(join(root, 'f'), 'abc');
  const reason = new Error('enough');
  const archive = { f: { content: 'abc' } };
  await expect(diff(root, { archive, proof: 'crc32', signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
});
