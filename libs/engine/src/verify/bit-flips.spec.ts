import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DEFAULT_LIMITS, openArchive, SIGNING_KEY_NAME } from '@pawvault/archive';
import type { Store } from '@pawvault/store';
import { directory, file, symlink } from '@pawvault/testing';
import type { EngineDeps } from '../engine';
import { backUp, bareInstance } from '../spec-support/bare-instance';
import { plainEngine, RecordedJob } from '../spec-support/engine-bench';
import { verifyBackup } from './verify-backup';

const LONG = process.env['PAWVAULT_LONG_TESTS'] === '1';
/** Verifications that wait for the disk at the same time, each on a copy of the archive in a directory of its own. */
const LANES = 6;

interface Lane {
  deps: EngineDeps;
  id: string;
  path: string;
}

interface Victim {
  sound: Buffer;
  lanes: Lane[];
}

/** A small archive with an entry of every kind. */
async function victim(): Promise<Victim> {
  const instance = bareInstance({
    'text.md': 'the same words, the same words, the same words again\n'.repeat(8),
    'old.txt': file('stored', { mtime: new Date('1890-01-01T00:00:00Z'), mode: 0o640 }),
    'link.md': symlink('text.md'),
    hollow: directory({ mode: 0o750 }),
  });
  const { path, result } = await backUp(plainEngine(instance.directories));
  const lanes = Array.from({ length: LANES }, (_, i): Lane => {
    const backupDir = join(instance.root, `lane-${i}`);
    mkdirSync(backupDir);
    copyFileSync(join(dirname(path), SIGNING_KEY_NAME), join(backupDir, SIGNING_KEY_NAME));
    const engine = plainEngine({ ...instance.directories, backupDir });
    // Thousands of records of verifications, each brought to disk, would take most of the time.
    const store = Object.assign(Object.create(engine.store) as Store, { recordVerification: () => Promise.resolve() });
    return { deps: { ...engine, store }, id: result.backup_id, path: join(backupDir, basename(path)) };
  });
  return { sound: readFileSync(path), lanes };
}

/** True when a verification of these bytes finds fault, in whatever way. */
async function isDetected({ deps, id, path }: Lane, bytes: Buffer): Promise<boolean> {
  writeFileSync(path, bytes);
  try {
    const { state, trust } = await verifyBackup(deps, { backup_id: id }, new RecordedJob());
    return state === 'damaged' || trust !== 'valid';
  } catch (error) {
    // It is not even recognised as this backup.
    expect(error).toMatchObject({ code: expect.stringMatching(/^BACKUP_(INVALID|NOT_FOUND)$/) as string });
    return true;
  }
}

interface Damage {
  label: string;
  bytes: () => Buffer;
}

/** @returns the labels of the damage that no verification saw */
async function undetected({ lanes }: Victim, damages: Damage[]): Promise<string[]> {
  const unseen: string[] = [];
  const queue = damages.values();
  const work = async (lane: Lane): Promise<void> => {
    for (const { label, bytes } of queue) if (!(await isDetected(lane, bytes()))) unseen.push(label);
  };
  await Promise.all(lanes.map(work));
  return unseen;
}

const flipped = (sound: Buffer, at: number, bit: number): Buffer => {
  const bytes = Buffer.from(sound);
  bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
  return bytes;
};

/**
 * Deflate can say the same in several ways: the bits up to the byte border behind its end say nothing, and a repetition may be copied
 * from another place. Such damage changes no byte of any content and no header; only inside of a deflate stream may it pass.
 */
async function isSameInOtherBits({ sound, lanes }: Victim, at: number, bit: number): Promise<boolean> {
  const [lane] = lanes;
  if (lane === undefined) return false;
  const before = await contentsOf(lane.path, sound);
  const after = await contentsOf(lane.path, flipped(sound, at, bit));
  const isInside = before.some(({ start, end }) => at >= start && at < end);
  return (
    isInside && before.every(({ name, content }, i) => after[i]?.name === name && after[i].content.equals(content))
  );
}

interface Deflated {
  name: string;
  content: Buffer;
  start: number;
  end: number;
}

async function contentsOf(path: string, bytes: Buffer): Promise<Deflated[]> {
  writeFileSync(path, bytes);
  const reader = await openArchive(path, DEFAULT_LIMITS);
  try {
    const deflated = reader.entries.filter(({ method }) => method === 8);
    return await Promise.all(
      deflated.map(async (entry) => {
        const start = await reader.dataOffset(entry);
        const content = await reader.read(entry, 1 << 20);
        return { name: entry.name, content, start, end: start + entry.compressedSize };
      }),
    );
  } finally {
    await reader.close();
  }
}

describe('verification', () => {
  it('accepts the archive as it was made', async () => {
    const made = await victim();
    await expect(undetected(made, [{ label: 'sound', bytes: () => made.sound }])).resolves.toEqual(['sound']);
  });

  it(
    `detects ${LONG ? 'every flipped bit' : 'a flipped bit in every byte'}`,
    async () => {
      const made = await victim();
      const { sound } = made;
      const bits = (at: number): number[] => (LONG ? [0, 1, 2, 3, 4, 5, 6, 7] : [at % 8]);
      const damages = [...sound.keys()].flatMap((at) =>
        bits(at).map((bit): Damage => ({ label: `${at}:${bit}`, bytes: () => flipped(sound, at, bit) })),
      );
      expect(damages.length).toBeGreaterThan(2_000);
      const unseen = await undetected(made, damages);
      expect(unseen.length).toBeLessThan(32);
      for (const label of unseen) {
        const [at = 0, bit = 0] = label.split(':').map(Number);
        expect([label, await isSameInOtherBits(made, at, bit)]).toEqual([label, true]);
      }
    },
    LONG ? 600_000 : 60_000,
  );

  it('detects a cut at every length, and bytes too many', async () => {
    const made = await victim();
    const { sound } = made;
    const cuts = [...sound.keys()].map((length): Damage => ({
      label: `cut to ${length}`,
      bytes: () => sound.subarray(0, length),
    }));
    const grown = [
      { label: 'byte behind', bytes: () => Buffer.concat([sound, Buffer.from([0])]) },
      { label: 'byte in front', bytes: () => Buffer.concat([Buffer.from([0]), sound]) },
    ];
    await expect(undetected(made, [...cuts, ...grown])).resolves.toEqual([]);
  });
});
