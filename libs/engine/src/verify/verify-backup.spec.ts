import { execFileSync } from 'node:child_process';
import {
  closeSync,
  copyFileSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { DEFAULT_LIMITS, peekMeta, SIGNING_KEY_NAME } from '@pawvault/archive';
import type { VerifyResult } from '@pawvault/contracts';
import {
  type ForgedEntry,
  forgeZip,
  noise,
  type QwenpawFixture,
  qwenpawFixture,
  symlink,
  tempDir,
} from '@pawvault/testing';
import { backUp, type Backed, bareInstance, PREFIX } from '../spec-support/bare-instance';
import { plainEngine, RecordedJob, threadedEngine } from '../spec-support/engine-bench';
import { renameBackup } from '../rename/rename-backup';
import { verifyBackup } from './verify-backup';

const KEY = readFileSync(qwenpawFixture('signing_key'), 'utf8').trim();
const SIGNATURE_SCRIPT = resolve(__dirname, '../../../archive/src/spec-support/qwenpaw_signature.py');
const TAMPER_SCRIPT = join(__dirname, '../spec-support/tamper.py');

/** An instance whose backup directory has the key of the fixtures. */
function instance(
  tree: Parameters<typeof bareInstance>[0] = { 'a.txt': 'first', 'b.txt': 'second', 'c/d.txt': 'third' },
) {
  const bare = bareInstance(tree);
  mkdirSync(bare.directories.backupDir, { mode: 0o700 });
  writeFileSync(join(bare.directories.backupDir, SIGNING_KEY_NAME), `${KEY}\n`, { mode: 0o600 });
  return bare;
}

async function verify(
  deps: Parameters<typeof verifyBackup>[0],
  id: string,
): Promise<{ result: VerifyResult; job: RecordedJob }> {
  const job = new RecordedJob();
  return { result: await verifyBackup(deps, { backup_id: id }, job), job };
}

describe('archives that QwenPaw made', () => {
  it.each<[QwenpawFixture, string]>([
    ['native-full.zip', 'valid'],
    ['native-partial.zip', 'valid'],
    ['native-trusted.zip', 'valid'],
    ['legacy-unsigned.zip', 'unsigned'],
    ['foreign-full.zip', 'mismatch'],
  ])('%s is sound, and its trust is %s', async (fixture, trust) => {
    const { directories } = instance();
    copyFileSync(qwenpawFixture(fixture), join(directories.backupDir, 'copied.zip'));
    const { meta } = await peekMeta(qwenpawFixture(fixture), DEFAULT_LIMITS);
    const deps = threadedEngine(directories);
    const { result, job } = await verify(deps, meta.id);
    expect(result).toMatchObject({ state: 'ok', trust, manifest: 'absent', problem_count: 0, problems: [] });
    expect(result.entries).toBeGreaterThan(2);
    expect(job.codes).toEqual(trust === 'valid' ? [] : [`TRUST_${trust.toUpperCase()}`]);
    expect((await deps.store.summary(meta.id)).verified).toBe('ok');
  });

  it('carry an unknown scheme: sound, and not trusted', async () => {
    const { directories } = instance();
    const meta = { id: 'future', name: 'n', created_at: '2026-04-20T09:30:00Z', scope: SCOPE, signature: 'ed25519:00' };
    writeFileSync(
      join(directories.backupDir, 'future.zip'),
      forgeZip([{ name: 'meta.json', content: JSON.stringify(meta) }]),
    );
    const { result } = await verify(plainEngine(directories), 'future');
    expect(result).toMatchObject({ state: 'ok', trust: 'unknown_scheme' });
  });

  it('are a mismatch where there is no key', async () => {
    const { directories } = bareInstance();
    mkdirSync(directories.backupDir);
    copyFileSync(qwenpawFixture('native-full.zip'), join(directories.backupDir, 'copied.zip'));
    const { meta } = await peekMeta(qwenpawFixture('native-full.zip'), DEFAULT_LIMITS);
    const { result } = await verify(plainEngine(directories), meta.id);
    expect(result).toMatchObject({ state: 'ok', trust: 'mismatch' });
  });
});

const SCOPE = { include_agents: true, include_global_config: true, include_secrets: true, include_skill_pool: true };

describe("QwenPaw's signature, computed by an implementation of its own,", () => {
  const computed = (path: string): string =>
    execFileSync('python3', [SIGNATURE_SCRIPT, path, join(path, '..', SIGNING_KEY_NAME)])
      .toString()
      .trim();

  it('is that of the fixtures', async () => {
    const directory = tempDir('golden');
    writeFileSync(join(directory, SIGNING_KEY_NAME), KEY);
    for (const fixture of ['native-full.zip', 'native-partial.zip', 'native-trusted.zip'] as const) {
      copyFileSync(qwenpawFixture(fixture), join(directory, fixture));
      const { meta } = await peekMeta(join(directory, fixture), DEFAULT_LIMITS);
      expect(computed(join(directory, fixture))).toBe(meta.signature);
    }
  });

  it('is that of what we make and of what we rename', async () => {
    const { directories } = instance({
      '～wide.txt': 'a wide tilde',
      '😀.txt': 'an astral smile',
      'a.txt': 'file',
      'a/b.txt': 'sorts behind a.txt',
      'a-b.txt': 'sorts between',
      link: symlink('a.txt'),
      empty: '',
      'big.txt': Buffer.alloc(3 << 20, 'large text '),
      'noise.bin': noise('signature', 2 << 20),
    });
    const deps = threadedEngine(directories);
    const { path, result } = await backUp(deps);
    const made = await deps.store.find(result.backup_id);
    expect(computed(path)).toBe(made.meta.signature);
    await renameBackup(deps, { backup_id: made.id, name: '改名 😀 \u2028', description: '"' }, new RecordedJob());
    const renamed = await deps.store.find(made.id);
    expect(renamed.meta).toMatchObject({ name: '改名 😀 \u2028', description: '"' });
    expect(renamed.meta.signature).not.toBe(made.meta.signature);
    expect(computed(path)).toBe(renamed.meta.signature);
    await expect(verify(deps, made.id)).resolves.toMatchObject({
      result: { state: 'ok', trust: 'valid', manifest: 'ok' },
    });
  });
});

describe('an archive that was tampered with', () => {
  /** Rewrites the archive with Python, headers, CRCs and all, so that only manifest and signature can tell. */
  async function tampered(how: string, ...args: string[]): Promise<VerifyResult> {
    const { directories } = instance();
    const deps = plainEngine(directories);
    const { path, result } = await backUp(deps);
    execFileSync('python3', [TAMPER_SCRIPT, path, how, ...args]);
    return (await verify(deps, result.backup_id)).result;
  }

  it.each<[string, string[], [string, string][]]>([
    [
      'swaps the content of two entries',
      ['swap', 'a.txt', 'b.txt'],
      [
        ['ARCHIVE_HEADER_MISMATCH', 'a.txt'],
        ['ARCHIVE_HEADER_MISMATCH', 'b.txt'],
        ['ARCHIVE_ENTRY_HASH_MISMATCH', 'a.txt'],
        ['ARCHIVE_ENTRY_HASH_MISMATCH', 'b.txt'],
      ],
    ],
    [
      'replaces content with other of the same length',
      ['replace', 'a.txt', 'fir5t'],
      [['ARCHIVE_ENTRY_HASH_MISMATCH', 'a.txt']],
    ],
    ['adds an entry', ['add', 'extra.txt', 'more'], [['ARCHIVE_ENTRY_UNLISTED', 'extra.txt']]],
    ['removes an entry', ['remove', 'b.txt'], [['ARCHIVE_ENTRY_MISSING', 'b.txt']]],
    [
      'renames an entry',
      ['rename', 'b.txt', 'z.txt'],
      [
        ['ARCHIVE_ENTRY_MISSING', 'b.txt'],
        ['ARCHIVE_ENTRY_UNLISTED', 'z.txt'],
      ],
    ],
    ['changes a mode', ['chmod', 'a.txt', '4755'], [['ARCHIVE_HEADER_MISMATCH', 'a.txt']]],
  ])('%s is damaged, and the entries are named', async (_, [how = '', ...args], problems) => {
    const result = await tampered(how, ...args);
    expect(result.state).toBe('damaged');
    expect(result.problems.map(({ code, path }) => [code, path?.replace(PREFIX, '')])).toEqual(problems);
    if (how !== 'chmod') expect(result.trust).toBe('mismatch');
  });

  it('or only packed anew by another tool is sound: its headers are its own affair', async () => {
    await expect(tampered('repack')).resolves.toMatchObject({ state: 'ok', trust: 'valid', manifest: 'ok' });
  });

  it('in its name alone is sound, and not trusted', async () => {
    await expect(tampered('meta', 'name', 'another')).resolves.toMatchObject({ state: 'ok', trust: 'mismatch' });
  });

  it('without its manifest signature is treated as one of QwenPaw', async () => {
    await expect(tampered('meta', 'manifest_signature', '')).resolves.toMatchObject({ state: 'ok', trust: 'valid' });
  });

  it('without its signature is unsigned', async () => {
    await expect(tampered('meta', 'signature', '')).resolves.toMatchObject({ state: 'ok', trust: 'unsigned' });
  });
});

describe('an archive that is damaged', () => {
  async function damaged(bytes: (sound: Buffer, backed: Backed) => Buffer): Promise<VerifyResult> {
    const files = Array.from({ length: 150 }, (_, i): [string, string] => [
      `${String(i).padStart(3, '0')}.txt`,
      `content ${i}`,
    ]);
    const { directories } = instance(Object.fromEntries(files));
    const deps = plainEngine(directories);
    const backed = await backUp(deps);
    writeFileSync(backed.path, bytes(readFileSync(backed.path), backed));
    return (await verify(deps, backed.result.backup_id)).result;
  }

  it('in many places names the first hundred and counts the rest', async () => {
    const result = await damaged((sound) => {
      const bytes = Buffer.from(sound);
      for (let at = bytes.indexOf('content '); at !== -1; at = bytes.indexOf('content ', at + 1)) bytes[at] = 0x43;
      return bytes;
    });
    expect(result).toMatchObject({ state: 'damaged', trust: 'mismatch', problem_count: 150 });
    expect(result.problems).toHaveLength(100);
    expect(result.problems[0]).toMatchObject({ code: 'ARCHIVE_ENTRY_CRC_MISMATCH', path: `${PREFIX}000.txt` });
  });

  it('in its structure is reported as a finding, with the place', async () => {
    const result = await damaged((sound) => {
      const bytes = Buffer.from(sound);
      const record = bytes.indexOf(`${PREFIX}077.txt`, bytes.readUInt32LE(bytes.length - 6)) - 46;
      bytes.writeUInt16LE(99, record + 10);
      return bytes;
    });
    expect(result).toMatchObject({ state: 'damaged', trust: 'mismatch', entries: 0 });
    expect(result.problems).toEqual([
      expect.objectContaining({ code: 'ARCHIVE_METHOD_UNSUPPORTED', path: `${PREFIX}077.txt` }),
    ]);
  });
});

/** A deflate stream of over a megabyte that says little: empty blocks, then the content. */
const longDeflate = (content: string): Buffer =>
  Buffer.concat([Buffer.from('000000ffff'.repeat(220_000), 'hex'), deflateRawSync(content)]);

describe('a hostile archive', () => {
  const META: ForgedEntry = {
    name: 'meta.json',
    content: JSON.stringify({ id: 'hostile', name: 'n', created_at: '2026-04-20T09:30:00Z', scope: SCOPE }),
  };

  it('with links that lead out is reported', async () => {
    const { directories } = instance();
    const link = (name: string, target: string): ForgedEntry => ({ name, content: target, unixMode: 0o120777 });
    const entries = [
      link('data/workspaces/a/etc', '/etc/passwd'),
      link('data/workspaces/a/other', '../b/secret'),
      link('data/secrets/inside', 'providers/x'),
      { ...link('data/secrets/bytes', 'x'), content: Buffer.from([0x78, 0xff]) },
      { ...link('data/skill_pool/long', '../secrets/x'), method: 8, data: longDeflate('../secrets/x') },
    ];
    writeFileSync(join(directories.backupDir, 'hostile.zip'), forgeZip([...entries, META]));
    const { result } = await verify(plainEngine(directories), 'hostile');
    expect(result.problems.map(({ code, path }) => [code, path])).toEqual([
      ['ARCHIVE_SYMLINK_ESCAPES', 'data/secrets/bytes'],
      ['ARCHIVE_SYMLINK_ESCAPES', 'data/skill_pool/long'],
      ['ARCHIVE_SYMLINK_ESCAPES', 'data/workspaces/a/etc'],
      ['ARCHIVE_SYMLINK_ESCAPES', 'data/workspaces/a/other'],
    ]);
  });

  it('that is signed here, but for bytes in front of it', async () => {
    const { directories } = instance();
    const deps = plainEngine(directories);
    const { path, result: made } = await backUp(deps);
    writeFileSync(path, Buffer.concat([Buffer.from(`MZ${'\0'.repeat(98)}`), readFileSync(path)]));
    execFileSync('zip', ['-qA', path]);
    execFileSync('unzip', ['-tqq', path]);
    const { result } = await verify(deps, made.backup_id).catch((error: unknown) => ({ result: error }));
    expect(result).toMatchObject({ code: 'BACKUP_INVALID', details: { reason: 'ARCHIVE_FOREIGN_BYTES' } });
    const { invalid } = await deps.store.list();
    expect(invalid).toMatchObject([{ file_name: `${made.backup_id}.zip`, code: 'ARCHIVE_FOREIGN_BYTES' }]);
  });

  it('with gigabytes of nothing between its entries costs no memory', async () => {
    const { directories } = instance();
    const HOLE = 3 * 2 ** 30;
    const first: ForgedEntry = { name: 'data/config.json', content: '{}' };
    const second: ForgedEntry = { name: 'data/secrets/x', content: 'x' };
    const front = forgeZip([first]).indexOf('PK\x01\x02');
    const lie = { central: { offset: HOLE + front } };
    const metaAt = forgeZip([first, second]).indexOf('PK\x01\x02');
    const bytes = forgeZip([first, { ...second, ...lie }, { ...META, central: { offset: HOLE + metaAt } }], {
      end: { directoryOffset: HOLE + forgeZip([first, second, META]).indexOf('PK\x01\x02') },
    });
    const fd = openSync(join(directories.backupDir, 'hostile.zip'), 'w');
    writeSync(fd, bytes, 0, front, 0);
    ftruncateSync(fd, HOLE + bytes.length);
    writeSync(fd, bytes, front, bytes.length - front, HOLE + front);
    closeSync(fd);
    const before = process.memoryUsage().rss;
    const { result } = await verify(plainEngine(directories), 'hostile');
    expect(result.problems).toMatchObject([{ code: 'ARCHIVE_FOREIGN_BYTES', path: 'data/config.json' }]);
    expect(process.memoryUsage().rss - before).toBeLessThan(200 << 20);
  });
});
