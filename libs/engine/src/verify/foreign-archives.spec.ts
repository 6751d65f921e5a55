import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';
import { FULL_SCOPE } from '@pawvault/contracts';
import {
  directory,
  extraField,
  file,
  type ForgedEntry,
  type ForgeOptions,
  forgeZip,
  noise,
  type Tree,
  writeTree,
  ZIP_TOOLS,
  zip64Numbers,
} from '@pawvault/testing';
import { bareInstance } from '../spec-support/bare-instance';
import { plainEngine, RecordedJob } from '../spec-support/engine-bench';
import { type ArchiveProof, proveArchive } from './prove-archive';

const META = JSON.stringify({ id: 'made', name: 'n', created_at: '2026-04-20T09:30:00Z', scope: FULL_SCOPE });
const BIG = noise('big', 1_500_000);

async function prove(make: (path: string) => void): Promise<ArchiveProof> {
  const { directories, root } = bareInstance();
  const path = join(root, 'made.zip');
  make(path);
  return proveArchive(plainEngine(directories), path, { context: new RecordedJob(), extent: 'everything' });
}

function expectSound(proof: ArchiveProof): void {
  expect(proof.problems).toEqual([]);
  const report = proof.checks.map(({ name, state }) => [name, state]);
  expect(report).toEqual([
    ['structure', 'passed'],
    ['layout', 'passed'],
    ['metadata', 'passed'],
    ['manifest', 'passed'],
    ['content', 'passed'],
    ['signature', 'decision'],
  ]);
  expect(proof).toMatchObject({ meta: { id: 'made' }, trust: 'unsigned', manifest: 'absent', problemCount: 0 });
}

describe('a backup that was packed anew by', () => {
  const TREE: Tree = {
    'meta.json': file(META),
    'data/config.json': file('{}', { mode: 0o600 }),
    'data/secrets/.master_key': file('key', { mode: 0o600 }),
    'data/skill_pool/empty': file(''),
    'data/workspaces/QwenPaw_QA_Agent_0.2/报告 №1.txt': file('季度'),
    'data/workspaces/a/sessions/telegram:42.json': file('{"a": 1}'.repeat(500)),
    'data/workspaces/a/big.bin': file(BIG),
    'data/workspaces/a/hollow': directory(),
  };

  it.each(ZIP_TOOLS)('%s is sound', async (_, make) => {
    const proof = await prove((target) => {
      const source = `${target}.source`;
      mkdirSync(source);
      writeTree(source, TREE);
      make(source, target);
    });
    expectSound(proof);
    expect(proof.bytes).toBe(META.length + 2 + 3 + 6 + 4_000 + BIG.length);
  });
});

const CONTENTS: Record<string, string | Buffer> = {
  'meta.json': META,
  'data/config.json': '{}',
  'data/workspaces/a/text.md': 'the same words, the same words, the same words',
  'data/workspaces/a/empty': '',
  'data/workspaces/a/big.bin': BIG,
};

type Style = (entry: ForgedEntry & { name: string; content: string | Buffer }) => Partial<ForgedEntry>;

const number = (value: number | bigint, bytes: 4 | 8): Buffer => {
  const buffer = Buffer.alloc(bytes);
  if (bytes === 8) buffer.writeBigUInt64LE(BigInt(value));
  else buffer.writeUInt32LE(Number(value));
  return buffer;
};

/** The sizes follow the data, as from a program that writes into a pipe. */
function postponed(spelling: { signature: boolean; wide: boolean }): Style {
  return ({ content }) => {
    const bytes = Buffer.from(content);
    const data = deflateRawSync(bytes);
    const width = spelling.wide ? 8 : 4;
    const facts = [number(crc32(bytes), 4), number(data.length, width), number(bytes.length, width)];
    return {
      method: 8,
      flags: 0x0808,
      data,
      local: { crc32: 0, size: 0, compressedSize: 0 },
      behind: Buffer.concat([...(spelling.signature ? [number(0x08074b50, 4)] : []), ...facts]),
    };
  };
}

const TIMES = Buffer.concat([number(1_776_677_400, 4), number(1_776_677_400, 4)]);
const NTFS = extraField(
  0x000a,
  Buffer.concat([number(0, 4), Buffer.from([1, 0, 24, 0]), ...[1, 2, 3].map((at) => number(BigInt(at) << 56n, 8))]),
);
const UNIX_IDS = extraField(0x7875, Buffer.from([1, 4, 0xe8, 3, 0, 0, 4, 0xe8, 3, 0, 0]));
const EVERYTHING = ['data/', 'data/workspaces/', 'data/workspaces/a/'];

/** How archives of other programs differ from ours in their bytes. Known from their writers and from APPNOTE 4.5 and 4.6. */
const STYLES: [what: string, style: Style, options?: ForgeOptions & { directories?: string[] }][] = [
  ['nothing but what must be there', () => ({})],
  ['FAT as its host, and no Unix modes', () => ({ unixMode: 0, central: { madeBy: 20, externalAttributes: 0x20 } })],
  ['NTFS as its host and its times', () => ({ extra: NTFS, central: { madeBy: (10 << 8) | 63 } })],
  ['macOS as its host', () => ({ central: { madeBy: (19 << 8) | 30 } })],
  ['directory entries with DOS attributes', () => ({ central: { madeBy: 20 } }), { directories: EVERYTHING }],
  ['directory entries with Unix modes', () => ({}), { directories: EVERYTHING }],
  ['old Info-ZIP extras', () => ({ extra: Buffer.concat([extraField(0x5855, TIMES), extraField(0x7855, TIMES)]) })],
  [
    'new Info-ZIP extras that differ between both headers',
    () => ({
      local: { extra: Buffer.concat([extraField(0x5455, Buffer.concat([Buffer.from([3]), TIMES])), UNIX_IDS]) },
      central: {
        extra: Buffer.concat([extraField(0x5455, Buffer.concat([Buffer.from([3]), TIMES.subarray(4)])), UNIX_IDS]),
      },
    }),
  ],
  [
    'Unicode names beside those of a code page',
    ({ name }) => ({
      name: Buffer.from(name.replace('text', 't\u0000xt').replaceAll('\u0000', '?')),
      flags: 0,
      extra: extraField(
        0x7075,
        Buffer.concat([
          Buffer.from([1]),
          number(crc32(Buffer.from(name.replace('text', 't?xt'))), 4),
          Buffer.from(name),
        ]),
      ),
    }),
  ],
  ['padding that is no extra field', () => ({ extra: Buffer.from([0, 0, 0]) })],
  ['extra fields nobody knows', () => ({ extra: extraField(0xd935, Buffer.alloc(40)) })],
  ['flags for the level of compression', () => ({ method: 8, flags: 0x0806 })],
  ['versions from the future', () => ({ version: 63, central: { madeBy: (3 << 8) | 63 } })],
  ['comments', ({ name }) => ({ central: { comment: `about ${name}` } }), { end: { comment: 'x'.repeat(65_535) } }],
  ['sizes behind the data', postponed({ signature: true, wide: false })],
  ['sizes behind the data, without a signature', postponed({ signature: false, wide: false })],
  ['64-bit sizes behind the data', postponed({ signature: true, wide: true })],
  ['64-bit sizes behind the data, without a signature', postponed({ signature: false, wide: true })],
  [
    '64-bit sizes everywhere',
    ({ content }) => {
      const { length } = Buffer.from(content);
      const wide = { size: 0xffffffff, compressedSize: 0xffffffff, extra: zip64Numbers(length, length) };
      return { size: length, compressedSize: length, local: wide, central: wide };
    },
    { zip64: {}, end: { count: 0xffff, directorySize: 0xffffffff, directoryOffset: 0xffffffff } },
  ],
  ['zip64 records that nothing needs', () => ({}), { zip64: {} }],
];

describe('a forged archive with', () => {
  it.each(STYLES)('%s is sound', async (_, style, { directories = [], ...options } = {}) => {
    const files = Object.entries(CONTENTS).map(([name, content]) => {
      const entry = { name, content };
      return { ...entry, ...style(entry) };
    });
    const parents = directories.map((name): ForgedEntry => ({ name, ...style({ name, content: '' }) }));
    const proof = await prove((path) => writeFileSync(path, forgeZip([...parents, ...files], options)));
    expectSound(proof);
    expect(proof.entries).toBe(files.length + parents.length);
  });
});

describe('an archive with bytes that belong to no entry', () => {
  const files = Object.entries(CONTENTS).map(([name, content]): ForgedEntry => ({ name, content }));
  const large: ForgedEntry = { name: 'data/workspaces/a/large', content: Buffer.alloc(3 << 20, 'large') };
  const STUB = Buffer.from('#!/bin/sh\nexec unzip "$0"\n');

  it.each<[string, string | null, Buffer]>([
    ['in front', null, forgeZip(files, { front: STUB })],
    ['that are another zip, in front', null, forgeZip(files, { front: forgeZip(files) })],
    [
      'between entries',
      files[0]?.name as string,
      forgeZip([{ ...files[0], behind: STUB } as ForgedEntry, ...files.slice(1)]),
    ],
    ['after a large entry', large.name as string, forgeZip([...files, { ...large, behind: STUB }])],
    ['in front of the directory', files.at(-1)?.name as string, forgeZip(files, { beforeDirectory: STUB })],
  ])('%s is refused', async (_, path, bytes) => {
    const proof = await prove((target) => writeFileSync(target, bytes));
    expect(proof.problems).toMatchObject([{ code: 'ARCHIVE_FOREIGN_BYTES', path }]);
  });
});
