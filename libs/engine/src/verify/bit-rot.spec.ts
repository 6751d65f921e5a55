import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_LIMITS, openArchive } from '@pawvault/archive';
import { extraField, type ForgedEntry, forgeZip, qwenpawFixture, runTool, symlink, tempDir } from '@pawvault/testing';
import type { EngineDeps } from '../engine';
import { backUp, bareInstance } from '../spec-support/bare-instance';
import { plainEngine, RecordedJob } from '../spec-support/engine-bench';
import { type ArchiveProof, proveArchive } from './prove-archive';

const LONG = process.env['PAWVAULT_LONG_TESTS'] === '1';

/** Where a byte of a sound archive belongs. */
interface Place {
  /** The entry, or null for the end of the archive. */
  entry: string | null;
  field: string;
}

const LOCAL_FIELDS: [end: number, field: string][] = [
  [4, 'signature'],
  [6, 'version needed'],
  [8, 'flags'],
  [10, 'method'],
  [14, 'time'],
  [18, 'crc'],
  [26, 'sizes'],
  [30, 'lengths'],
];
const CENTRAL_FIELDS: [end: number, field: string][] = [
  [4, 'signature'],
  [6, 'version made by'],
  [8, 'version needed'],
  [10, 'flags'],
  [12, 'method'],
  [16, 'time'],
  [20, 'crc'],
  [28, 'sizes'],
  [34, 'lengths'],
  [36, 'disk'],
  [38, 'internal attributes'],
  [42, 'external attributes'],
  [46, 'offset'],
];

const fieldAt = (fields: readonly [end: number, field: string][], at: number): string | undefined =>
  fields.find(([end]) => at < end)?.[1];

/** Reads the structure a second time, without the reader that is on trial. Only for archives without zip64 and with a plain end. */
class ZipMap {
  private readonly records: { name: string; at: number; end: number; local: number; localEnd: number }[] = [];
  private readonly directory: number;

  constructor(private readonly bytes: Buffer) {
    const end = bytes.lastIndexOf('PK\x05\x06', undefined, 'latin1');
    this.directory = bytes.readUInt32LE(end + 16);
    for (let at = this.directory; at < end;) {
      const length = 46 + this.sum(at, 28, 30, 32);
      const name = bytes.toString('utf8', at + 46, at + 46 + bytes.readUInt16LE(at + 28));
      const local = bytes.readUInt32LE(at + 42);
      const localEnd = local + 30 + this.sum(local, 26, 28) + bytes.readUInt32LE(at + 20);
      this.records.push({ name, at, end: at + length, local, localEnd });
      at += length;
    }
  }

  place(offset: number): Place {
    const record = this.records.find(({ local, localEnd }) => offset >= local && offset < localEnd);
    if (record !== undefined) return { entry: record.name, field: this.localField(record.local, offset) };
    const central = this.records.find(({ at, end }) => offset >= at && offset < end);
    if (central !== undefined) return { entry: central.name, field: this.centralField(central.at, offset) };
    return { entry: null, field: 'end' };
  }

  private localField(local: number, offset: number): string {
    const fixed = fieldAt(LOCAL_FIELDS, offset - local);
    if (fixed !== undefined) return `local ${fixed}`;
    const name = local + 30 + this.sum(local, 26);
    if (offset < name) return 'local name';
    return offset < name + this.sum(local, 28) ? 'local extra' : 'data';
  }

  private centralField(at: number, offset: number): string {
    const fixed = fieldAt(CENTRAL_FIELDS, offset - at);
    if (fixed !== undefined) return `central ${fixed}`;
    const name = at + 46 + this.sum(at, 28);
    if (offset < name) return 'central name';
    return offset < name + this.sum(at, 30) ? 'central extra' : 'central comment';
  }

  private sum(at: number, ...fields: number[]): number {
    return fields.reduce((total, field) => total + this.bytes.readUInt16LE(at + field), 0);
  }
}

const flipped = (sound: Buffer, at: number, bit: number): Buffer => {
  const bytes = Buffer.from(sound);
  bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
  return bytes;
};

class Bench {
  private readonly path = join(tempDir('rot'), 'archive.zip');

  constructor(private readonly deps: EngineDeps) {}

  prove(bytes: Buffer): Promise<ArchiveProof> {
    writeFileSync(this.path, bytes);
    return proveArchive(this.deps, this.path, { context: new RecordedJob(), extent: 'everything' });
  }

  /** @returns every flip of a bit, with what a verification finds; in short runs one bit of each byte */
  async *flips(sound: Buffer): AsyncGenerator<{ place: Place; at: number; bit: number; proof: ArchiveProof }> {
    const map = new ZipMap(sound);
    for (const at of sound.keys())
      for (const bit of LONG ? [0, 1, 2, 3, 4, 5, 6, 7] : [at % 8])
        yield { place: map.place(at), at, bit, proof: await this.prove(flipped(sound, at, bit)) };
  }

  /** Inflated content of all entries, as one text. */
  async content(bytes: Buffer): Promise<string> {
    writeFileSync(this.path, bytes);
    const reader = await openArchive(this.path, DEFAULT_LIMITS);
    try {
      const all = await Promise.all(reader.entries.map((entry) => reader.read(entry, 1 << 24)));
      return Buffer.concat(all).toString('latin1');
    } finally {
      await reader.close();
    }
  }
}

const damaged = ({ problemCount, trust }: ArchiveProof, before: ArchiveProof): boolean =>
  problemCount > 0 || trust !== before.trust;

it('damage to an entry of ours is reported with the name of that entry', async () => {
  const instance = bareInstance({
    'text.md': 'words, words, words\n'.repeat(20),
    'b.bin': 'x',
    'link.md': symlink('b.bin'),
  });
  const deps = plainEngine(instance.directories);
  const sound = readFileSync((await backUp(deps)).path);
  const bench = new Bench(deps);
  const unnamed: [number, string, string | null][] = [];
  let checked = 0;
  for await (const { place, at, proof } of bench.flips(sound)) {
    const inside = place.field === 'data' || place.field.startsWith('local ');
    if (!inside || proof.problemCount === 0) continue;
    checked += 1;
    if (!proof.problems.some(({ path }) => path === place.entry)) unnamed.push([at, place.field, place.entry]);
  }
  expect(checked).toBeGreaterThan(500);
  expect(unnamed).toEqual([]);
}, 600_000);

describe('an archive without a manifest, whose signature nobody here can check', () => {
  const QWENPAW = readFileSync(qwenpawFixture(LONG ? 'legacy-unsigned.zip' : 'native-partial.zip'));
  /** Fields that exist once, and that neither content nor structure depend on. There is nothing to hold them against. */
  const BLIND = [
    'central external attributes',
    'central internal attributes',
    'central version made by',
    'central version needed',
    'local version needed',
  ];

  async function unseen(sound: Buffer): Promise<Set<string>> {
    const bench = new Bench(plainEngine(bareInstance().directories));
    const before = await bench.prove(sound);
    expect(before).toMatchObject({ problemCount: 0, manifest: 'absent' });
    expect(before.trust).not.toBe('valid');
    const content = await bench.content(sound);
    const fields = new Set<string>();
    for await (const { place, at, bit, proof } of bench.flips(sound)) {
      if (damaged(proof, before)) continue;
      // Deflate can say the same in several ways: bits that stand for nothing are no damage.
      if (place.field === 'data') expect(await bench.content(flipped(sound, at, bit))).toBe(content);
      else fields.add(place.field);
    }
    return fields;
  }

  it('of QwenPaw shows all damage but that to modes and to versions', async () => {
    const fields = await unseen(QWENPAW);
    expect([...fields].sort()).toEqual(BLIND);
  }, 900_000);

  it('of another tool does so but for extra fields and comments, too', async () => {
    const meta = runTool('unzip', ['-p', qwenpawFixture('legacy-unsigned.zip'), 'meta.json']);
    const style = (name: string, content: string | Buffer): ForgedEntry => ({
      name,
      content,
      extra: extraField(0x5455, Buffer.from([1, 0, 0xa0, 0xe5, 0x69])),
      central: { comment: 'about it' },
    });
    const sound = forgeZip([style('meta.json', meta), style('data/config.json', '{}')], {
      end: { comment: 'by hand' },
    });
    const fields = await unseen(sound);
    expect([...fields].sort()).toEqual([...BLIND, 'central comment', 'central extra', 'end', 'local extra'].sort());
  }, 300_000);

  it('is seen to be cut, wherever it was cut', async () => {
    const bench = new Bench(plainEngine(bareInstance().directories));
    const whole: number[] = [];
    for (const length of QWENPAW.keys())
      if ((await bench.prove(QWENPAW.subarray(0, length))).problemCount === 0) whole.push(length);
    expect(whole).toEqual([]);
  }, 300_000);
});
