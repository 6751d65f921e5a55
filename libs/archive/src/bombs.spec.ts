import { spawnSync } from 'node:child_process';
import { statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { tempDir, type ForgedEntry, forgeZip } from '@pawvault/testing';
import type { ArchiveLimits } from './limits';
import { MANIFEST_OPEN } from './manifest-codec';
import { countOnly, fromRepeats, hugeComments, longNames, META, overlapping, zeros } from './spec-support/bombs';
import type { ReadWhole } from './spec-support/read-whole';

const LONG = process.env['PAWVAULT_LONG_TESTS'] === '1';
const MEGABYTE = 1 << 20;
/** What a reader may keep of what it has read: far less than any bomb here comes to, or stands for. */
const HEAP_MEGABYTES = 96;
const MOST_RESIDENT = 400 * MEGABYTE;
const ROOT = resolve(__dirname, '../../..');

/** Reads the archives in a process whose memory is bounded. @throws when it dies of one of them */
function readWhole(paths: string[], limits: Partial<ArchiveLimits> = {}): ReadWhole[] {
  const program = join(__dirname, 'spec-support/read-whole.ts');
  const register = join(ROOT, 'tools/ts-register.cjs');
  const flags = [`--max-old-space-size=${HEAP_MEGABYTES}`, '-r', register];
  const args = [...flags, program, JSON.stringify(limits), ...paths];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 1 << 24 });
  if (status !== 0) throw new Error(`The reader has died (${String(status)}): ${stderr.slice(-2_000)}`);
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as ReadWhole);
}

const DATA = 'data/secrets/x';
const MANIFEST = 'manifest.json';
const gigabytes = (count: number): number => count * 1024;
const directoryRecord = JSON.stringify({ path: 'data/', type: 'directory', size: 0, mode: 0, mtime: '' });
/** A manifest that begins as one and then goes on with the same. */
const endless = (unit: string, megabytes: number): ForgedEntry =>
  fromRepeats(MANIFEST, { first: MANIFEST_OPEN, unit, megabytes });

interface Bomb {
  what: string;
  code: string;
  make: (path: string) => void;
  limits?: Partial<ArchiveLimits>;
  /** Inflated bytes that it takes to see it; none unless told. */
  content?: number;
}

const write =
  (...entries: ForgedEntry[]) =>
  (path: string): void =>
    writeFileSync(path, forgeZip([...entries, META]));

const BOMBS: Bomb[] = [
  {
    what: 'zeros without end that are declared small',
    code: 'ARCHIVE_ENTRY_SIZE_MISMATCH',
    make: write(zeros(DATA, gigabytes(1), 100)),
    content: MEGABYTE,
  },
  {
    what: 'zeros without end that claim more than deflate can',
    code: 'ARCHIVE_ENTRY_SIZE_MISMATCH',
    make: write({ ...zeros(DATA, 1), size: 0xffff_fff0 }),
  },
  {
    what: 'a file that is larger than any may be',
    code: 'ARCHIVE_LIMIT_EXCEEDED',
    make: write(zeros(DATA, gigabytes(1))),
    limits: { maxFileBytes: 2 ** 29 },
  },
  {
    what: 'files that are larger together than all may be',
    code: 'ARCHIVE_LIMIT_EXCEEDED',
    make: write(...['1', '2', '3'].map((digit) => zeros(`${DATA}${digit}`, 200))),
    limits: { maxTotalBytes: 2 ** 29 },
  },
  {
    what: 'entries that share their data',
    code: 'ARCHIVE_ENTRIES_OVERLAP',
    make: (path) => overlapping(path, 60_000),
  },
  {
    what: 'one entry more than there may be',
    code: 'ARCHIVE_LIMIT_EXCEEDED',
    make: (path) => countOnly(path, 1_000_001),
  },
  {
    what: 'a million entries, none of which is there',
    code: 'ARCHIVE_DIRECTORY_INVALID',
    make: (path) => countOnly(path, 1_000_000),
  },
  {
    what: 'a directory of nothing but comments',
    code: 'ARCHIVE_ENTRIES_OVERLAP',
    make: (path) => hugeComments(path, 1_900),
  },
  {
    what: 'a directory of more comments than there may be',
    code: 'ARCHIVE_LIMIT_EXCEEDED',
    make: (path) => hugeComments(path, 2_100),
  },
  {
    what: 'a meta.json without end that is declared small',
    code: 'ARCHIVE_ENTRY_SIZE_MISMATCH',
    make: (path) => writeFileSync(path, forgeZip([zeros('meta.json', gigabytes(1), 1_000)])),
  },
  {
    what: 'a meta.json without end',
    code: 'ARCHIVE_LIMIT_EXCEEDED',
    make: (path) => writeFileSync(path, forgeZip([zeros('meta.json', gigabytes(1))])),
  },
  {
    what: 'a meta.json that is nested without end',
    code: 'ARCHIVE_META_INVALID',
    make: (path) => writeFileSync(path, forgeZip([{ name: 'meta.json', content: '['.repeat(MEGABYTE) }])),
  },
  {
    what: 'a manifest without end that is declared small',
    code: 'ARCHIVE_ENTRY_SIZE_MISMATCH',
    make: write({ ...endless(`${directoryRecord},\n`, gigabytes(1)), size: 1_000 }),
  },
  {
    what: 'a manifest that is larger than any may be',
    code: 'ARCHIVE_LIMIT_EXCEEDED',
    make: write(endless('x', gigabytes(1) + 1)),
  },
  {
    what: 'a manifest of empty lines',
    code: 'ARCHIVE_MANIFEST_INVALID',
    make: write(endless('\n', gigabytes(1) - 1)),
  },
  {
    what: 'a manifest of one line',
    code: 'ARCHIVE_MANIFEST_INVALID',
    make: write(endless('x', gigabytes(1) - 1)),
  },
  {
    what: 'a manifest of records of what is not there',
    code: 'ARCHIVE_MANIFEST_INVALID',
    make: write(endless(`${directoryRecord},\n`, gigabytes(1) - 1)),
  },
  {
    what: 'a manifest with a head without end',
    code: 'ARCHIVE_MANIFEST_INVALID',
    make: write(
      fromRepeats(MANIFEST, { first: `${MANIFEST_OPEN}],"head":[`, unit: '{},', megabytes: gigabytes(1) - 1 }),
    ),
  },
  {
    what: 'a manifest with a head of millions of empty objects',
    code: 'ARCHIVE_MANIFEST_INVALID',
    make: write(fromRepeats(MANIFEST, { first: `${MANIFEST_OPEN}],"head":[`, unit: '{},', megabytes: 60 })),
  },
];

describe('what costs next to nothing, whatever it stands for:', () => {
  it.each(BOMBS.map((bomb): [string, Bomb] => [bomb.what, bomb]))(
    '%s',
    (_, { code, make, limits, content = 0 }) => {
      const path = join(tempDir('bomb'), 'bomb.zip');
      make(path);
      const [result] = readWhole([path], limits);
      expect(result).toMatchObject({ code, path });
      expect(result?.content).toBeLessThanOrEqual(content);
      expect(result?.peak).toBeLessThan(MOST_RESIDENT);
      // The directory once for what a listing needs, twice for the rest, and no more of the content than was looked at.
      expect(result?.read).toBeLessThan(3 * statSync(path).size + 4 * MEGABYTE);
    },
    30_000,
  );
});

describe('what is sound takes memory in proportion to its names, and none for its content:', () => {
  const read = (make: (path: string) => void, limits?: Partial<ArchiveLimits>): ReadWhole | undefined => {
    const path = join(tempDir('large'), 'large.zip');
    make(path);
    return readWhole([path], limits)[0];
  };

  it('long and deep names by the thousand', () => {
    const result = read((path) => longNames(path, 6_000));
    expect(result).toMatchObject({ code: null, listed: 'bomb' });
    expect(result?.peak).toBeLessThan(MOST_RESIDENT);
  }, 30_000);

  it(`${LONG ? '4 GB' : '256 MB'} of zeros`, () => {
    const megabytes = LONG ? 4095 : 256;
    const result = read(write(zeros(DATA, megabytes)));
    expect(result).toMatchObject({ code: null, content: megabytes * MEGABYTE + String(META.content).length });
    expect(result?.peak).toBeLessThan(MOST_RESIDENT);
  }, 120_000);
});
