import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { archiveSignature, type RewindableHmac, SIGNING_KEY_NAME, startArchiveSignature } from '@pawvault/archive';
import { type ForgedEntry, forgeZip, qwenpawFixture, type QwenpawFixture } from '@pawvault/testing';
import { bareInstance } from '../spec-support/bare-instance';
import { plainEngine, RecordedJob } from '../spec-support/engine-bench';
import { type ArchiveProof, proveArchive, type ProveOptions } from './prove-archive';

const SCOPE = { include_agents: true, include_global_config: true, include_secrets: false, include_skill_pool: false };

interface Bench {
  path: string;
  prove(options?: Partial<ProveOptions>): Promise<ArchiveProof>;
}

/** An engine with the key of the fixtures, and a place for an archive. */
function openBench(key: string | Buffer = readFileSync(qwenpawFixture('signing_key'))): Bench {
  const { directories, root } = bareInstance();
  mkdirSync(directories.backupDir, { mode: 0o700 });
  writeFileSync(join(directories.backupDir, SIGNING_KEY_NAME), key, { mode: 0o600 });
  const deps = plainEngine(directories);
  const path = join(root, 'quarantined');
  return {
    path,
    prove: (options = {}) =>
      proveArchive(deps, path, { context: new RecordedJob(), extent: 'first-problem', ...options }),
  };
}

const meta = (changes: object = {}): ForgedEntry => {
  const fields = { id: 'forged', name: 'n', created_at: '2026-04-20T09:30:00Z', scope: SCOPE, ...changes };
  return { name: 'meta.json', content: JSON.stringify(fields) };
};
const report = ({ checks }: ArchiveProof): string[] =>
  checks.map(({ name, state, code, entry }) => [name, state, code, entry].filter((part) => part !== null).join(' '));

async function proveForged(entries: ForgedEntry[], options: Partial<ProveOptions> = {}): Promise<ArchiveProof> {
  const bench = openBench();
  writeFileSync(bench.path, forgeZip(entries));
  return bench.prove(options);
}

const CONFIG: ForgedEntry = { name: 'data/config.json', content: '{}' };
const BROKEN: ForgedEntry = { name: 'data/workspaces/a/b', content: 'x', crc32: 1 };

describe('the proof of an archive', () => {
  it.each<[QwenpawFixture, string]>([
    ['native-full.zip', 'signature passed'],
    ['legacy-unsigned.zip', 'signature decision backup_legacy_unsigned'],
    ['foreign-full.zip', 'signature decision backup_signature_mismatch'],
  ])('of %s passes, and its %s', async (fixture, signature) => {
    const bench = openBench();
    copyFileSync(qwenpawFixture(fixture), bench.path);
    const passed = ['structure', 'layout', 'metadata', 'manifest', 'content'].map((name) => `${name} passed`);
    expect(report(await bench.prove())).toEqual([...passed, signature]);
  });

  it('leaves an unknown scheme to a decision', async () => {
    const proof = await proveForged([CONFIG, meta({ signature: 'pgp:abc' })]);
    expect(report(proof).at(-1)).toBe('signature decision backup_unknown_signature_scheme');
  });

  it.each<[string, ForgedEntry[], string[]]>([
    ['structure', [CONFIG, CONFIG, meta()], ['structure failed ARCHIVE_NAME_DUPLICATE data/config.json']],
    [
      'layout',
      [{ name: 'data', content: '' }, meta()],
      ['structure passed', 'layout failed ARCHIVE_UNEXPECTED_ENTRY data'],
    ],
    ['layout', [CONFIG], ['structure passed', 'layout failed ARCHIVE_META_MISSING']],
    [
      'metadata',
      [CONFIG, meta({ id: '../x' })],
      ['structure passed', 'layout passed', 'metadata failed ARCHIVE_META_INVALID meta.json'],
    ],
    [
      'metadata',
      [CONFIG, meta({ version: '2' })],
      ['structure passed', 'layout passed', 'metadata failed ARCHIVE_VERSION_UNSUPPORTED meta.json'],
    ],
    [
      'metadata',
      [CONFIG, { ...meta(), crc32: 1 }],
      ['structure passed', 'layout passed', 'metadata failed ARCHIVE_ENTRY_CRC_MISMATCH meta.json'],
    ],
    [
      'manifest',
      [CONFIG, meta(), { name: 'manifest.json', content: '{}' }],
      [
        'structure passed',
        'layout passed',
        'metadata passed',
        'manifest failed ARCHIVE_MANIFEST_INVALID manifest.json',
      ],
    ],
    [
      'content',
      [CONFIG, BROKEN, meta()],
      [
        'structure passed',
        'layout passed',
        'metadata passed',
        'manifest passed',
        'content failed ARCHIVE_ENTRY_CRC_MISMATCH data/workspaces/a/b',
      ],
    ],
  ])('ends at the first problem, in %s', async (_, entries, seen) => {
    const proof = await proveForged(entries);
    const rest = ['structure', 'layout', 'metadata', 'manifest', 'content', 'signature'].slice(seen.length);
    expect(report(proof)).toEqual([...seen, ...rest.map((name) => `${name} skipped`)]);
    expect(proof).toMatchObject({ problemCount: 1, trust: 'mismatch' });
  });

  it('goes on behind a problem where all of them are asked for', async () => {
    const broken = ['a', 'b', 'c'].map((name) => ({ ...BROKEN, name: `data/workspaces/a/${name}` }));
    const proof = await proveForged([CONFIG, ...broken, meta({ version: '2' })], { extent: 'everything' });
    expect(proof.problems.map(({ code, path }) => `${code} ${path ?? ''}`)).toEqual([
      'ARCHIVE_VERSION_UNSUPPORTED meta.json',
      ...broken.map(({ name }) => `ARCHIVE_ENTRY_CRC_MISMATCH ${name}`),
    ]);
    expect(report(proof).at(-1)).toBe('signature decision backup_legacy_unsigned');
  });

  it('feeds further signatures in the same pass', async () => {
    const bench = openBench();
    copyFileSync(qwenpawFixture('native-full.zip'), bench.path);
    const key = Buffer.from(readFileSync(qwenpawFixture('signing_key'), 'utf8').trim(), 'hex');
    const fed: RewindableHmac[] = [];
    const proof = await bench.prove({
      alsoFeed: ({ meta: { canonical } }) => {
        fed.push(startArchiveSignature(key, canonical), startArchiveSignature(Buffer.alloc(32), canonical));
        return Promise.resolve(fed);
      },
    });
    const [same, other] = fed.map(archiveSignature);
    expect(same).toBe(proof.meta?.signature);
    expect(other).not.toBe(same);
  });

  it('says nothing of an archive where the key cannot be used', async () => {
    const bench = openBench('no key');
    copyFileSync(qwenpawFixture('native-full.zip'), bench.path);
    await expect(bench.prove()).rejects.toMatchObject({ code: 'SIGNING_KEY_INVALID' });
  });

  it('stops where it is told to', async () => {
    const bench = openBench();
    copyFileSync(qwenpawFixture('native-full.zip'), bench.path);
    const job = new RecordedJob();
    job.abort.abort(new Error('enough'));
    await expect(bench.prove({ context: job })).rejects.toThrow('enough');
  });

  it('fails where the system fails', async () => {
    await expect(openBench().prove()).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
