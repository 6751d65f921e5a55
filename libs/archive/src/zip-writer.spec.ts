import { execFileSync } from 'node:child_process';
import { statSync, truncateSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { forEachFailure, tempDir } from '@pawvault/testing';
import { openZip } from './archive-reader';
import { DEFAULT_LIMITS } from './limits';
import {
  dosDateTime,
  encodeCentralRecord,
  encodeEnd,
  encodeLocalHeader,
  type EntryHeader,
  MAX_U32,
  recordedOffset,
  relocateCentralRecord,
  S_IFREG,
  STORE,
} from './zip-format';
import { parseCentralRecord } from './zip-entry';
import { centralRecords, type EncodedBatch, ZipWriter } from './zip-writer';

const LONG = process.env['PAWVAULT_LONG_TESTS'] === '1';
const GIB = 2 ** 30;
const MTIME_MS = Date.UTC(2026, 3, 20, 9, 30);

function headerOf(name: string, content: Buffer): EntryHeader {
  const sizes = { size: content.length, compressedSize: content.length, crc32: crc32(content) };
  return { name: Buffer.from(name), method: STORE, unixMode: S_IFREG | 0o644, mtimeMs: MTIME_MS, ...sizes };
}

function batchOf(entries: [string, string][]): EncodedBatch {
  const parts: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const [name, text] of entries) {
    const content = Buffer.from(text);
    const header = headerOf(name, content);
    const local = encodeLocalHeader(header, { zip64: false });
    central.push(encodeCentralRecord(header, { zip64: false, offset }));
    parts.push(local, content);
    offset += local.length + content.length;
  }
  return { bytes: Buffer.concat(parts), central: Buffer.concat(central), count: entries.length };
}

async function namesIn(path: string): Promise<string[]> {
  const reader = await openZip(path, DEFAULT_LIMITS);
  try {
    for (const entry of reader.entries) if (entry.size < GIB) await reader.read(entry, GIB);
    return reader.entries.map(({ name }) => name);
  } finally {
    await reader.close();
  }
}

const countInPython = (path: string): number =>
  Number(
    execFileSync('python3', ['-c', 'import sys, zipfile; print(len(zipfile.ZipFile(sys.argv[1]).namelist()))', path]),
  );

describe('ZipWriter', () => {
  it('joins batches and streamed entries, and forgets an entry that was abandoned', async () => {
    const path = join(tempDir('writer'), 'a.zip');
    const writer = await ZipWriter.create(path);
    await writer.appendBatch(
      batchOf([
        ['a', 'first'],
        ['b', 'second'],
      ]),
    );
    const abandoned = await writer.beginEntry(headerOf('c', Buffer.alloc(0)), 100);
    await writer.write(Buffer.alloc(5_000, 'gone'));
    writer.abandonEntry(abandoned);
    const content = Buffer.from('streamed');
    const entry = await writer.beginEntry(headerOf('d', Buffer.alloc(0)), content.length);
    await writer.write(content);
    await writer.endEntry({ ...entry, header: headerOf('d', content) });
    await writer.appendBatch(batchOf([['e', 'last']]));
    const size = await writer.finish();
    expect(statSync(path)).toMatchObject({ size });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    await expect(namesIn(path)).resolves.toEqual(['a', 'b', 'd', 'e']);
    execFileSync('unzip', ['-tqq', path]);
  });

  it('never writes over a file that exists', async () => {
    const path = join(tempDir('writer'), 'a.zip');
    writeFileSync(path, 'other');
    await expect(ZipWriter.create(path)).rejects.toMatchObject({ code: 'EEXIST' });
  });

  it('makes an archive without entries', async () => {
    const path = join(tempDir('writer'), 'a.zip');
    await (await ZipWriter.create(path)).finish();
    expect(statSync(path).size).toBe(22);
    await expect(namesIn(path)).resolves.toEqual([]);
  });

  it('writes more entries than the classic count can hold', async () => {
    const path = join(tempDir('writer'), 'many.zip');
    const writer = await ZipWriter.create(path);
    for (let batch = 0; batch < 70; batch++)
      await writer.appendBatch(batchOf(Array.from({ length: 1_000 }, (_, i) => [`${batch}/${i}`, 'x'])));
    await writer.finish();
    const reader = await openZip(path, DEFAULT_LIMITS);
    expect(reader.entries).toHaveLength(70_000);
    await reader.close();
    expect(countInPython(path)).toBe(70_000);
  });

  it('says nothing is there that is not: any failed call is reported', async () => {
    await forEachFailure(
      async ({ run }) => {
        const directory = tempDir('writer');
        const path = join(directory, 'a.zip');
        const outcome = await run(directory, async () => {
          const writer = await ZipWriter.create(path);
          try {
            await writer.appendBatch(batchOf([['a', 'first']]));
            return await writer.finish();
          } catch (error) {
            await writer.abort();
            throw error;
          }
        });
        if (outcome.status === 'done') await expect(namesIn(path)).resolves.toEqual(['a']);
      },
      { errno: 'ENOSPC' },
    );
  });

  it('refuses an entry that outgrew the header it was given', async () => {
    const path = join(tempDir('writer'), 'a.zip');
    const writer = await ZipWriter.create(path);
    const entry = await writer.beginEntry(headerOf('a', Buffer.alloc(0)), 10);
    await expect(writer.endEntry({ ...entry, header: { ...entry.header, size: MAX_U32 } })).rejects.toThrow(RangeError);
    await writer.abort();
  });

  if (LONG) {
    it('writes an entry, and offsets, beyond 4 GiB that other tools read', async () => {
      const directory = tempDir('writer');
      const path = join(directory, 'large.zip');
      const size = 4 * GIB + 100_000_000;
      const content = join(directory, 'sparse');
      writeFileSync(content, '');
      truncateSync(content, size);
      const source = await open(content);
      const writer = await ZipWriter.create(path);
      const header = headerOf('sparse', Buffer.alloc(0));
      const entry = await writer.beginEntry(header, size);
      for await (const piece of source.createReadStream({ highWaterMark: 1 << 22 }) as AsyncIterable<Buffer>) {
        header.crc32 = crc32(piece, header.crc32);
        header.size += piece.length;
        header.compressedSize += piece.length;
        await writer.write(piece);
      }
      await writer.endEntry({ ...entry, header });
      await writer.appendBatch(batchOf([['behind', 'far away']]));
      await writer.finish();
      await expect(namesIn(path)).resolves.toEqual(['behind', 'sparse']);
      execFileSync('unzip', ['-tqq', path]);
      execFileSync('7z', ['t', '-bso0', path]);
      expect(countInPython(path)).toBe(2);
    }, 600_000);
  }
});

describe('a central record that moves', () => {
  const record = (zip64: boolean, offset: number): Buffer =>
    encodeCentralRecord(
      { ...headerOf('a/b', Buffer.from('x')), size: 5 * GIB, compressedSize: 5 * GIB },
      { zip64, offset },
    );
  const small = (offset: number): Buffer =>
    encodeCentralRecord(headerOf('a/b', Buffer.from('x')), { zip64: false, offset });
  const parsedOffset = (bytes: Buffer): number => parseCentralRecord(bytes, 0, DEFAULT_LIMITS).entry.offset;

  it.each<[string, Buffer, number, number]>([
    ['within 4 GiB', small(100), 50, 150],
    ['back', small(100), -60, 40],
    ['up to the border', small(1), MAX_U32 - 2, MAX_U32 - 1],
    ['to the border itself', small(1), MAX_U32 - 1, MAX_U32],
    ['beyond 4 GiB', small(7), 9 * GIB, 9 * GIB + 7],
    ['with 64-bit sizes', record(true, 7), 10, 17],
    ['with 64-bit sizes beyond 4 GiB', record(true, 7), 9 * GIB, 9 * GIB + 7],
    ['from beyond 4 GiB', small(6 * GIB), 10, 6 * GIB + 10],
    ['from beyond 4 GiB back below', small(6 * GIB), -5 * GIB, GIB],
    ['with 64-bit sizes from beyond 4 GiB', record(true, 6 * GIB), -GIB, 5 * GIB],
  ])('%s says where it stands now, and nothing else changes', (_, before, base, expected) => {
    const was = parseCentralRecord(Buffer.from(before), 0, DEFAULT_LIMITS).entry;
    const moved = relocateCentralRecord(Buffer.from(before), base);
    expect(recordedOffset(moved)).toBe(expected);
    expect(parsedOffset(moved)).toBe(expected);
    const now = parseCentralRecord(moved, 0, DEFAULT_LIMITS);
    expect({ ...now.entry, offset: 0 }).toEqual({ ...was, offset: 0 });
    expect(now.end).toBe(moved.length);
  });

  it('is as if it had been written there', () => {
    expect(relocateCentralRecord(small(7), 9 * GIB)).toEqual(small(9 * GIB + 7));
    expect(relocateCentralRecord(record(true, 7), 9 * GIB)).toEqual(record(true, 9 * GIB + 7));
  });

  it('is found among others', () => {
    const records = [small(0), record(true, 6 * GIB), small(9 * GIB)];
    expect([...centralRecords(Buffer.concat(records))]).toEqual(records);
  });
});

it.each([
  [{ count: 3, directorySize: 100, directoryOffset: 200 }, 22],
  [{ count: 0xfffe, directorySize: MAX_U32 - 1, directoryOffset: MAX_U32 - 1 }, 22],
  [{ count: 0xffff, directorySize: 100, directoryOffset: 200 }, 98],
  [{ count: 3, directorySize: MAX_U32, directoryOffset: 200 }, 98],
  [{ count: 3, directorySize: 100, directoryOffset: MAX_U32 }, 98],
])('the end of %j takes %i bytes', (end, bytes) => {
  expect(encodeEnd(end)).toHaveLength(bytes);
});

it.each([
  ['2026-04-20T09:30:59.999Z', '2026-04-20T09:30:58Z'],
  ['1979-12-31T23:59:59Z', '1980-01-01T00:00:00Z'],
  ['1800-01-01T00:00:00Z', '1980-01-01T00:00:00Z'],
  ['2107-12-31T23:59:59Z', '2107-12-31T23:59:58Z'],
  ['2108-01-01T00:00:00Z', '2107-12-31T23:59:58Z'],
  ['2024-02-29T12:34:56Z', '2024-02-29T12:34:56Z'],
])('the DOS time of %s is %s', (time, expected) => {
  const value = dosDateTime(Date.parse(time));
  const date = value >>> 16;
  const seconds = (value & 31) * 2;
  const read = Date.UTC(
    1980 + (date >> 9),
    ((date >> 5) & 15) - 1,
    date & 31,
    (value >> 11) & 31,
    (value >> 5) & 63,
    seconds,
  );
  expect(new Date(read).toISOString()).toBe(expected.replace('Z', '.000Z'));
});
