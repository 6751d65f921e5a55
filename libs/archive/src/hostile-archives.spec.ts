import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';
import type { ErrorCode } from '@pawvault/contracts';
import { extraField, type ForgedEntry, type ForgeOptions, forgeZip, tempDir, zip64Numbers } from '@pawvault/testing';
import { openZip } from './archive-reader';
import { type ArchiveLimits, DEFAULT_LIMITS } from './limits';
import { peekMeta } from './peek-meta';

/** Opens the zip and reads every entry to its end. What a backup may hold is another matter: see layout.spec.ts. */
async function readAll(bytes: Buffer, limits: ArchiveLimits = DEFAULT_LIMITS): Promise<string[]> {
  const path = join(tempDir('hostile'), 'archive.zip');
  writeFileSync(path, bytes);
  const reader = await openZip(path, limits);
  try {
    for (const entry of reader.entries) for await (const piece of reader.content(entry)) void piece;
    return reader.entries.map(({ name }) => name);
  } finally {
    await reader.close();
  }
}

const A: ForgedEntry = { name: 'data/a.txt', content: 'first content' };
const B: ForgedEntry = { name: 'data/b.txt', content: 'second content, second content', method: 8 };
const U32 = 0xffffffff;
const CRC_OF_A = crc32('first content');

type Case = [what: string, entries: ForgedEntry[], options?: ForgeOptions & { limits?: Partial<ArchiveLimits> }];

const one = (lie: Partial<ForgedEntry>): ForgedEntry[] => [{ ...A, ...lie }, B];
const named = (...names: (string | Buffer)[]): ForgedEntry[] =>
  names.map((name) => ({ name, content: typeof name === 'string' && name.endsWith('/') ? '' : 'x' }));
const descriptor = (...numbers: number[]): Buffer => {
  const bytes = Buffer.alloc(numbers.length * 4);
  numbers.forEach((number, i) => bytes.writeUInt32LE(number, i * 4));
  return bytes;
};

const CASES: Partial<Record<ErrorCode, Case[]>> = {
  ARCHIVE_NOT_ZIP: [
    ['has no end record', [A], { end: { signature: 0x06054b51 } }],
    ['promises a comment that is cut off', [A], { end: { commentLength: 3 } }],
  ],
  ARCHIVE_DIRECTORY_AMBIGUOUS: [
    ['has bytes behind the end', [A], { trailing: Buffer.from('more') }],
    ['has a second end record in its comment', [A], { end: { comment: forgeZip([B]) } }],
    [
      'has an end record inside the comment of another',
      [A],
      { end: { comment: Buffer.concat([Buffer.from('PK\x05\x06'), Buffer.alloc(30)]) } },
    ],
  ],
  ARCHIVE_DIRECTORY_INVALID: [
    ['counts one entry too many', [A], { end: { count: 2 } }],
    ['counts one entry too few', [A, B], { end: { count: 1 } }],
    ['counts no entry', [A], { end: { count: 0 } }],
    ['counts differently on this disk', [A], { end: { diskCount: 0 } }],
    ['is one of several disks', [A], { end: { disk: 1, directoryDisk: 1 } }],
    ['begins on another disk', [A], { end: { directoryDisk: 1 } }],
    ['has a directory that is too short', [A], { end: { directorySize: 40 } }],
    ['has a directory elsewhere', [A], { end: { directoryOffset: 0 } }],
    [
      'has a stub in front that shifts everything',
      [A],
      { front: Buffer.from('#!/bin/sh\n'), end: { directoryOffset: 0 } },
    ],
    ['has bytes between directory and end', [A], { behindDirectory: Buffer.alloc(7) }],
    ['has a record of another kind', one({ central: { signature: 0x02014b51 } })],
    ['has an entry for a version of the format that there is not', one({ version: 64 })],
    ['has an entry on another disk', one({ central: { disk: 2 } })],
    ['wants zip64 records and has none', [A], { end: { directoryOffset: U32, directorySize: U32, count: 0xffff } }],
  ],
  ARCHIVE_ZIP64_INVALID: [
    ['has another record where the locator points', [A], { zip64: { signature: 0x06064b51 } }],
    ['has a locator that points elsewhere', [A], { zip64: { locator: { offset: 3n } } }],
    ['has a locator that points behind the file', [A], { zip64: { locator: { offset: 1n << 40n } } }],
    ['has a locator beyond all numbers', [A], { zip64: { locator: { offset: (1n << 64n) - 1n } } }],
    ['has a locator for another disk', [A], { zip64: { locator: { disk: 1 } } }],
    ['has a locator for several disks', [A], { zip64: { locator: { disks: 2 } } }],
    ['has a record of another size', [A], { zip64: { recordSize: 45n } }],
    ['counts otherwise in the zip64 record', [A], { zip64: { count: 2n } }],
    ['counts otherwise on this disk in the zip64 record', [A], { zip64: { diskCount: 2n } }],
    ['has another directory in the zip64 record', [A], { zip64: { directoryOffset: 1n } }],
    ['is one of several disks in the zip64 record', [A], { zip64: { disk: 1 } }],
    ['lacks a 64-bit size', one({ central: { size: U32 } })],
    ['lacks one of two 64-bit sizes', one({ central: { size: U32, compressedSize: U32, extra: zip64Numbers(13) } })],
    ['has a 64-bit size beyond all numbers', one({ central: { size: U32, extra: zip64Numbers((1n << 64n) - 1n) } })],
  ],
  ARCHIVE_HEADER_MISMATCH: [
    ['has no local header', one({ local: { signature: 0 } })],
    ['has another name in the local header', one({ local: { name: 'data/c.txt' } })],
    ['has a name that is none in the local header', one({ local: { name: Buffer.from('data/\xff.txt', 'latin1') } })],
    ['has another method in the local header', one({ local: { method: 8 } })],
    ['has other flags in the local header', one({ local: { flags: 0 } })],
    ['has another CRC in the local header', one({ local: { crc32: 1 } })],
    ['has another size in the local header', one({ local: { size: 12 } })],
    ['has another compressed size in the local header', one({ local: { compressedSize: 12 } })],
    ['has another time in the local header', one({ local: { dosDateTime: 0x21 } })],
    [
      'postpones its sizes and has no descriptor',
      [{ ...A, flags: 0x0808, local: { crc32: 0, size: 0, compressedSize: 0 } }],
    ],
    ['has a descriptor with another CRC', [{ ...A, flags: 0x0808, behind: descriptor(0x08074b50, 1, 13, 13) }, B]],
    [
      'has a descriptor with another size',
      [{ ...A, flags: 0x0808, content: '', behind: descriptor(0x08074b50, 0, 0, 1) }, B],
    ],
  ],
  ARCHIVE_ENTRIES_OVERLAP: [
    [
      'has two entries with the same data',
      [A, { ...A, name: 'data/z.txt', only: 'central', central: { offset: 0, name: 'data/z.txt' } }],
    ],
    ['has an entry that reaches into the next', one({ size: 60, compressedSize: 60 })],
    ['has an entry that reaches into the directory', [{ ...A, size: 500, compressedSize: 500 }]],
    ['has an entry behind the directory', one({ central: { offset: 0x7fffffff } })],
    [
      'has an entry whose local fields push its data into the next',
      [
        { ...A, content: 'aaaaa', extra: extraField(0xcafe, Buffer.alloc(36)) },
        { ...B, central: { offset: 82 } },
      ],
    ],
  ],
  ARCHIVE_FOREIGN_BYTES: [
    ['has a script in front', [A, B], { front: Buffer.from('#!/bin/sh\n') }],
    ['has a program in front and nothing else', [], { front: Buffer.from('MZ\x90\0') }],
    ['has a directory that points into its first entry', [{ ...A, central: { offset: 1 } }]],
    ['has another zip in front', [A, B], { front: forgeZip([{ ...A, content: 'other content' }, B]) }],
    ['has an entry that the directory does not name, in front', [{ ...A, name: 'data/0', only: 'local' }, A, B]],
    ['has an entry that the directory does not name, in between', [A, { ...A, name: 'data/0', only: 'local' }, B]],
    ['has an entry that the directory does not name, at the end', [A, B, { ...A, name: 'data/0', only: 'local' }]],
    ['has bytes after an entry', [{ ...A, behind: Buffer.from('hidden') }, B]],
    ['has one byte in front of the directory', [A, B], { beforeDirectory: Buffer.alloc(1) }],
    ['has a gap that no header can fill', [{ ...A, behind: Buffer.alloc(200_000) }, B]],
    [
      'has bytes after a descriptor',
      [{ ...A, flags: 0x0808, behind: Buffer.concat([descriptor(0x08074b50, CRC_OF_A, 13, 13), Buffer.alloc(4)]) }, B],
    ],
    [
      'has a descriptor that none of the fields announces',
      [{ ...A, behind: descriptor(0x08074b50, CRC_OF_A, 13, 13) }, B],
    ],
    [
      'has an empty descriptor and zeros that make it look like a longer one',
      [{ ...A, flags: 0x0808, content: '', behind: descriptor(0x08074b50, 0, 0, 0, 0) }, B],
    ],
  ],
  ARCHIVE_METHOD_UNSUPPORTED: [1, 9, 12, 14, 93, 99]
    .map((method): Case => [`uses method ${method}`, one({ method })])
    .concat([['holds a patch', one({ flags: 0x0820 })]]),
  ARCHIVE_ENCRYPTED: [
    ['is encrypted', one({ flags: 0x0801 })],
    ['is strongly encrypted', one({ flags: 0x0841 })],
    ['has a masked directory', one({ flags: 0x2800 })],
  ],
  ARCHIVE_ENTRY_SIZE_MISMATCH: [
    ['stores another size than it has', one({ size: 12 })],
    ['inflates to more than it says', one({ method: 8, size: 12 })],
    ['inflates to less than it says', one({ method: 8, size: 14 })],
    ['claims more than deflate can', one({ method: 8, size: 100_000 })],
  ],
  ARCHIVE_ENTRY_CRC_MISMATCH: [
    ['stores other content', one({ data: Buffer.from('other content') })],
    ['deflates other content', one({ method: 8, data: deflateRawSync(Buffer.from('other content')) })],
    ['has no CRC', one({ crc32: 0 })],
  ],
  ARCHIVE_ENTRY_DATA_INVALID: [
    ['is no deflate stream', one({ method: 8, data: Buffer.from('not deflated') })],
    ['is cut off', one({ method: 8, data: deflateRawSync(Buffer.from('first content')).subarray(0, 8) })],
    [
      'has bytes behind the stream',
      one({ method: 8, data: Buffer.concat([deflateRawSync(Buffer.from('first content')), Buffer.from('hidden')]) }),
    ],
    ['is empty where a stream should be', one({ method: 8, content: '', data: Buffer.alloc(0) })],
  ],
  ARCHIVE_LIMIT_EXCEEDED: [
    ['has too many entries', [A, B], { limits: { maxEntries: 1 } }],
    ['has a file that is too large', [A], { limits: { maxFileBytes: 12 } }],
    ['is too large in total', [A, B], { limits: { maxTotalBytes: 40 } }],
    ['has a name that is too long', named(`data/${'n'.repeat(5_000)}`)],
    ['is too deep', named(`data/${'d/'.repeat(64)}x`)],
    ['has a link that is too long', [{ ...A, unixMode: 0o120777, content: 'l'.repeat(5_000) }]],
  ],
  ARCHIVE_NAME_INVALID: [
    ['has a NUL in its name', named('data/a\0b')],
    ['has a name that is no UTF-8', named(Buffer.from([0x64, 0x2f, 0xe9]))],
    ['has an overlong encoding of a dot', named(Buffer.from([0x64, 0x2f, 0xc0, 0xae, 0xc0, 0xae]))],
    ['has a surrogate in its name', named(Buffer.from([0x64, 0x2f, 0xed, 0xa0, 0x80]))],
  ],
  ARCHIVE_ENTRY_ESCAPES: [
    '/etc/passwd',
    '../a',
    'data/../../a',
    'data/..',
    './a',
    'data/./a',
    'data//a',
    '//a',
    '/',
    '',
    'data/C:/..',
    '..',
    '.',
    '../',
  ].map((name): Case => [`has the name ${JSON.stringify(name)}`, named(name)]),
  ARCHIVE_NAME_DUPLICATE: [
    ['has a name twice', [A, A]],
    ['has a directory twice', named('data/d/', 'data/d/')],
    [
      'has a name twice, once in another encoding',
      [
        { ...A, name: 'data/\u00e9' },
        { ...A, name: Buffer.from([0x64, 0x61, 0x74, 0x61, 0x2f, 0x82]), flags: 0 },
      ],
    ],
  ],
  ARCHIVE_NAME_CLASH: [
    ['has a file and a directory of one name', named('data/d', 'data/d/')],
    ['has a file where another needs a directory', named('data/d', 'data/d/x')],
    ['has a directory with content', [{ name: 'data/d/', content: 'x' }]],
  ],
  ARCHIVE_ENTRY_TYPE_UNSUPPORTED: [
    ['holds a fifo', one({ unixMode: 0o010644 })],
    ['holds a socket', one({ unixMode: 0o140755 })],
    ['holds a device', one({ unixMode: 0o020666 })],
    ['calls a file a directory', one({ unixMode: 0o040755 })],
    ['calls a directory a link', [{ name: 'data/d/', unixMode: 0o120777 }]],
  ],
};

describe.each(Object.entries(CASES))('%s: an archive that', (code, cases) => {
  it.each(cases)('%s', async (_, entries, { limits, ...options } = {}) => {
    const refusal = readAll(forgeZip(entries, options), { ...DEFAULT_LIMITS, ...limits });
    await expect(refusal).rejects.toMatchObject({ name: 'DomainError', code });
  });
});

it('the forger makes archives that are accepted unless it lies', async () => {
  const sparse = { count: 0xffff, directorySize: U32, directoryOffset: U32 };
  await expect(readAll(forgeZip([A, B]))).resolves.toEqual(['data/a.txt', 'data/b.txt']);
  await expect(readAll(forgeZip([A, B], { zip64: {}, end: sparse }))).resolves.toHaveLength(2);
  await expect(readAll(forgeZip([A, B], { end: { comment: 'made by hand' } }))).resolves.toHaveLength(2);
  await expect(readAll(forgeZip([]))).resolves.toEqual([]);
});

it.each([
  ['32 bits and a signature', descriptor(0x08074b50, CRC_OF_A, 13, 13)],
  ['32 bits', descriptor(CRC_OF_A, 13, 13)],
  ['64 bits and a signature', descriptor(0x08074b50, CRC_OF_A, 13, 0, 13, 0)],
  ['64 bits', descriptor(CRC_OF_A, 13, 0, 13, 0)],
])('a descriptor of %s is accepted where it ends with its entry', async (_, behind) => {
  await expect(readAll(forgeZip([{ ...A, flags: 0x0808, behind }, B]))).resolves.toHaveLength(2);
  await expect(readAll(forgeZip([B, { ...A, flags: 0x0808, behind }]))).resolves.toHaveLength(2);
});

it('names that are special elsewhere and ordinary on Linux are accepted', async () => {
  const names = ['new\nline', 'bell\u0007', 'del\u007f', 'back\\slash', '..\\..\\a', 'C:/a', 'c:a', 'C:\\a'];
  const entries = named(...names.map((name) => `data/${name}`));
  await expect(readAll(forgeZip(entries))).resolves.toHaveLength(names.length);
});

it('a number of the end record, or a short comment, may look like the signature of another', async () => {
  await expect(readAll(forgeZip([A], { end: { comment: 'PK\x05\x06' } }))).resolves.toHaveLength(1);
  // Refused for what it says, not for what it looks like.
  const refusal = { code: 'ARCHIVE_DIRECTORY_INVALID' };
  await expect(readAll(forgeZip([A], { end: { directoryOffset: 0x06054b50 } }))).rejects.toMatchObject(refusal);
  await expect(readAll(forgeZip([A], { end: { directorySize: 0x06054b50 } }))).rejects.toMatchObject(refusal);
});

it('names the entry that is at fault', async () => {
  await expect(readAll(forgeZip([B, { ...A, crc32: 0 }]))).rejects.toMatchObject({ details: { entry: 'data/a.txt' } });
  await expect(readAll(forgeZip([B, { ...A, method: 12 }]))).rejects.toMatchObject({
    details: { entry: 'data/a.txt', method: 12 },
  });
});

it.each([
  ['empty', Buffer.alloc(0)],
  ['too short', Buffer.from('PK\x05\x06')],
  ['text', Buffer.from('no archive at all, only text '.repeat(100))],
  ['zeros', Buffer.alloc(200_000)],
])('a file that is %s is no zip', async (_, bytes) => {
  await expect(readAll(bytes)).rejects.toMatchObject({ code: 'ARCHIVE_NOT_ZIP' });
});

it('a listing refuses what lies about the place of meta.json', async () => {
  const directory = tempDir('peek');
  const meta: ForgedEntry = { name: 'meta.json', content: '{}' };
  for (const offset of [1, 60, 5_000, 0x7fffffff]) {
    const path = join(directory, `${offset}.zip`);
    writeFileSync(path, forgeZip([A, { ...meta, central: { offset } }]));
    await expect(peekMeta(path, DEFAULT_LIMITS)).rejects.toMatchObject({ name: 'DomainError' });
  }
});
