import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';
import { DEFAULT_LIMITS, openArchive, peekMeta, peekTrust } from '@pawvault/archive';
import { DomainError, MANIFEST_NAME, type ManifestEntry, META_NAME } from '@pawvault/contracts';
import {
  directory,
  type ForgedEntry,
  forgeZip,
  mutateZip,
  qwenpawFixture,
  runTool,
  SeededRandom,
  sha256Of,
  symlink,
  tempDir,
  zip64Numbers,
} from '@pawvault/testing';
import type { EngineDeps } from '../engine';
import { backUp, bareInstance } from '../spec-support/bare-instance';
import { plainEngine, RecordedJob } from '../spec-support/engine-bench';
import { type ArchiveProof, proveArchive } from './prove-archive';

const LONG = process.env['PAWVAULT_LONG_TESTS'] === '1';
const ROUNDS = LONG ? 20_000 : 250;
const SEEDS = LONG ? [1, 2, 3, 4, 5] : [1];

type Contents = Record<string, string>;

interface Seedling {
  name: string;
  bytes: Buffer;
  contents: Contents;
}

async function readAll(path: string): Promise<[name: string, content: Buffer][]> {
  const reader = await openArchive(path, DEFAULT_LIMITS);
  try {
    const all: [string, Buffer][] = [];
    for (const entry of reader.entries) all.push([entry.name, await reader.read(entry, 1 << 24)]);
    return all;
  } finally {
    await reader.close();
  }
}

/** Hashes by name; meta.json is left out because it says nothing of the content. */
const hashesOf = (all: [name: string, content: Buffer][]): Contents =>
  Object.fromEntries(all.filter(([name]) => name !== META_NAME).map(([name, content]) => [name, sha256Of(content)]));

/** An archive of ours, with an entry of each kind; the engine has the key that signed it. */
async function own(): Promise<{ deps: EngineDeps; path: string }> {
  const instance = bareInstance({
    'text.md': 'the same words, the same words, the same words again\n'.repeat(8),
    'stored.bin': 'x',
    'link.md': symlink('text.md'),
    hollow: directory({ mode: 0o750 }),
  });
  const deps = plainEngine(instance.directories);
  return { deps, path: (await backUp(deps)).path };
}

const LEGACY = qwenpawFixture('legacy-unsigned.zip');

/** The same layout with 64-bit fields or with descriptors everywhere. */
function forged(kind: 'zip64' | 'descriptors'): Buffer {
  const files = {
    [META_NAME]: runTool('unzip', ['-p', LEGACY, META_NAME]).toString(),
    'data/config.json': '{}',
    'data/secrets/k': 'v',
  };
  const entries = Object.entries(files).map(([name, content]): ForgedEntry => {
    const { length } = content;
    const wide = { size: 0xffffffff, compressedSize: 0xffffffff, extra: zip64Numbers(length, length) };
    if (kind === 'zip64') return { name, content, local: wide, central: wide };
    const data = deflateRawSync(content);
    const behind = Buffer.alloc(16);
    [0x08074b50, crc32(content), data.length, length].forEach((value, i) => behind.writeUInt32LE(value, i * 4));
    return { name, content, method: 8, flags: 0x0808, data, behind, local: { crc32: 0, size: 0, compressedSize: 0 } };
  });
  const all = { count: 0xffff, directorySize: 0xffffffff, directoryOffset: 0xffffffff };
  return forgeZip(entries, kind === 'zip64' ? { zip64: {}, end: all } : {});
}

async function seedlings(ownPath: string): Promise<Seedling[]> {
  const made: [string, Buffer][] = [
    ['ours', readFileSync(ownPath)],
    ['QwenPaw, signed', readFileSync(qwenpawFixture('native-partial.zip'))],
    ['QwenPaw, unsigned', readFileSync(LEGACY)],
    ['zip64', forged('zip64')],
    ['descriptors', forged('descriptors')],
  ];
  const root = tempDir('seedlings');
  return Promise.all(
    made.map(async ([name, bytes]) => {
      const path = join(root, `${name}.zip`);
      writeFileSync(path, bytes);
      return { name, bytes, contents: hashesOf(await readAll(path)) };
    }),
  );
}

/** What a listing reads may be anything, but it is either told or refused. */
async function listingFails(path: string): Promise<boolean> {
  try {
    await peekMeta(path, DEFAULT_LIMITS);
    await peekTrust(path, DEFAULT_LIMITS, Buffer.alloc(32));
    return false;
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return true;
  }
}

/** An archive that is accepted contains what its manifest says, and what is trusted contains what was signed. */
async function expectTrue(path: string, proof: ArchiveProof, origins: readonly Contents[]): Promise<Contents> {
  const all = await readAll(path);
  const contents = hashesOf(all);
  if (proof.manifest === 'ok') {
    const text = all.find(([name]) => name === MANIFEST_NAME)?.[1].toString('utf8') ?? '';
    const { entries } = JSON.parse(text) as { entries: ManifestEntry[] };
    const listed = entries.map(({ path: name, sha256 }) => [name, sha256 ?? sha256Of('')]);
    const { [MANIFEST_NAME]: _, ...others } = contents;
    expect(Object.fromEntries(listed)).toEqual(others);
  }
  if (proof.trust === 'valid') expect(origins).toContainEqual(contents);
  return contents;
}

/** Python's zipfile is what QwenPaw reads with: whatever passes here must be the same there. */
const PYTHON = `
import hashlib, json, sys, zipfile
def read(path):
    try:
        archive = zipfile.ZipFile(path)
        names = [name for name in archive.namelist() if name != 'meta.json']
        return {name: hashlib.sha256(archive.read(name)).hexdigest() for name in names}
    except Exception as error:
        return {'error': repr(error)}
print(json.dumps([read(path) for path in sys.stdin.read().split('\\0') if path]))
`;
const pythonReads = (paths: string[]): Contents[] => {
  const options = { input: paths.join('\0'), maxBuffer: 1 << 28 };
  return JSON.parse(execFileSync('python3', ['-c', PYTHON], options).toString()) as Contents[];
};

it.each(SEEDS)(
  `no mutation of a good archive is accepted for what it is not, crashes or hangs a reader (seed %i)`,
  async (seed) => {
    const { deps, path: ownPath } = await own();
    const good = await seedlings(ownPath);
    const random = new SeededRandom(seed);
    const others = good.map(({ bytes }) => bytes);
    const origins = good.map(({ contents }) => contents);
    const root = tempDir('mutants');
    const accepted = new Map<string, Contents>();
    let refused = 0;
    for (const { name, bytes } of good) {
      for (let round = 0; round < ROUNDS; round++) {
        const mutant = mutateZip(bytes, { random, others });
        const path = join(root, `${accepted.size}.zip`);
        writeFileSync(path, mutant.bytes);
        const listing = await listingFails(path);
        const proof = await proveArchive(deps, path, { context: new RecordedJob(), extent: 'everything' });
        if (proof.problemCount > 0) {
          refused += 1;
          const failed = proof.checks.filter(({ state }) => state === 'failed');
          expect([name, mutant.what, failed]).not.toEqual([name, mutant.what, []]);
        } else {
          expect([name, mutant.what, listing]).toEqual([name, mutant.what, false]);
          accepted.set(path, await expectTrue(path, proof, origins));
        }
      }
    }
    expect(refused).toBeGreaterThan(good.length * ROUNDS * 0.5);
    expect(accepted.size).toBeGreaterThan(0);
    expect(pythonReads([...accepted.keys()])).toEqual([...accepted.values()]);
  },
  LONG ? 3_600_000 : 60_000,
);
