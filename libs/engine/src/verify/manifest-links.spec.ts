import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_LIMITS, openArchive, SIGNING_KEY_NAME } from '@pawvault/archive';
import type { ManifestEntry, VerifyProblem } from '@pawvault/contracts';
import { LINK_ENTRIES_FIXTURE, qwenpawFixture, sha256Of, tempDir } from '@pawvault/testing';
import type { EngineDeps } from '../engine';
import { acceptImport } from '../import/accept-import';
import { checkImport } from '../import/check-import';
import { renameBackup } from '../rename/rename-backup';
import { bareInstance } from '../spec-support/bare-instance';
import { plainEngine, RecordedJob, threadedEngine } from '../spec-support/engine-bench';
import { ENTRY_TIME, forgeBackup, type ForgedBackup, linkRecord } from '../spec-support/forge-backup';
import { checkManifest, type ManifestCheck, type ManifestLink } from './manifest-check';
import { verifyBackup } from './verify-backup';

const A = 'data/workspaces/a/';
const ENTRIES = { 'data/config.json': '{}', [A]: '', [`${A}shared.md`]: 'shared text', [`${A}sub/`]: '' };

async function check(path: string): Promise<ManifestCheck & { problems: VerifyProblem[] }> {
  const reader = await openArchive(path, DEFAULT_LIMITS);
  const problems: VerifyProblem[] = [];
  try {
    return { ...(await checkManifest(reader, (problem) => problems.push(problem))), problems };
  } finally {
    await reader.close();
  }
}

function write(backup: ForgedBackup): string {
  const path = join(tempDir('links'), 'forged.zip');
  writeFileSync(path, forgeBackup(backup));
  return path;
}

const found = async (backup: ForgedBackup): Promise<[code: string, path: string | null][]> =>
  (await check(write(backup))).problems.map(({ code, path }) => [code, path]);

const namesOf = (links: readonly ManifestLink[]): [string, string, boolean][] =>
  links.map(({ name, target, hasContent }) => [name, target, hasContent]);

/** An engine in whose backup directory `name` lies, with the key of the fixtures. */
function engineWith(name: string, bytes: Buffer, make = plainEngine): EngineDeps {
  const { directories } = bareInstance();
  mkdirSync(directories.backupDir, { mode: 0o700 });
  copyFileSync(qwenpawFixture('signing_key'), join(directories.backupDir, SIGNING_KEY_NAME));
  writeFileSync(join(directories.backupDir, name), bytes);
  return make(directories);
}

describe('links of the manifest', () => {
  const LINKS = {
    [`${A}AGENTS.md`]: 'shared.md',
    [`${A}dir`]: 'sub',
    [`${A}venv/bin/python`]: '/usr/bin/python3',
    [`${A}up`]: '../../../elsewhere',
    'data/secrets/dangling': 'no\nwhere',
  };
  const BACKUP: ForgedBackup = { entries: { ...ENTRIES, [`${A}AGENTS.md`]: 'shared text' }, links: LINKS };

  it('are sound wherever they lead, with the content of a file or alone', async () => {
    const { state, links, problems } = await check(write(BACKUP));
    expect([state, problems]).toEqual(['ok', []]);
    expect(namesOf(links)).toEqual([
      ['data/secrets/dangling', 'no\nwhere', false],
      [`${A}AGENTS.md`, 'shared.md', true],
      [`${A}dir`, 'sub', false],
      [`${A}up`, '../../../elsewhere', false],
      [`${A}venv/bin/python`, '/usr/bin/python3', false],
    ]);
    expect(links[0]?.mtimeMs).toBeCloseTo(Date.parse('2026-04-20T09:30:00.123Z') + 0.456, 3);
  });

  it('carry owners where they have their own, like entries', async () => {
    const path = write({ ...BACKUP, change: (record) => ({ ...record, uid: 1000, gid: 0 }) });
    const { facts, links, problems } = await check(path);
    expect(problems).toEqual([]);
    expect(facts.get(`${A}shared.md`)).toMatchObject({ uid: 1000, gid: 0 });
    expect(links.every(({ uid, gid }) => uid === 1000 && gid === 0)).toBe(true);
    const plain = await check(write(BACKUP));
    expect(plain.facts.get(`${A}shared.md`)).not.toHaveProperty('uid');
    expect(plain.links[0]).not.toHaveProperty('uid');
  });

  it('are verified with their content, on threads as well', async () => {
    const deps = engineWith('forged.zip', forgeBackup(BACKUP), threadedEngine);
    const verified = await verifyBackup(deps, { backup_id: 'forged' }, new RecordedJob());
    expect(verified).toMatchObject({ state: 'ok', manifest: 'ok', trust: 'unsigned', problems: [] });
  });

  it('survive an import that signs anew, and a rename', async () => {
    const deps = engineWith('other.zip', Buffer.alloc(0));
    const { id } = await deps.quarantine.reserve({ fileName: 'x.zip', trustMode: null });
    writeFileSync(deps.quarantine.archivePath(id), forgeBackup(BACKUP));
    await deps.quarantine.admit(id);
    const asked = new RecordedJob();
    await deps.quarantine.update(id, { job_id: asked.jobId });
    await expect(checkImport(deps, { import_id: id }, asked)).resolves.toMatchObject({ state: 'needs_decision' });
    const decided = new RecordedJob();
    await deps.quarantine.update(id, { job_id: decided.jobId });
    await acceptImport(deps, { import_id: id, overwrite: false, trust_mode: 'legacy' }, decided);

    const expected = namesOf((await check(write(BACKUP))).links);
    const backup = await deps.store.find('forged');
    expect(namesOf((await check(backup.path)).links)).toEqual(expected);
    await renameBackup(deps, { backup_id: 'forged', name: 'renamed' }, new RecordedJob());
    expect(namesOf((await check((await deps.store.find('forged')).path)).links)).toEqual(expected);
    const verified = await verifyBackup(deps, { backup_id: 'forged' }, new RecordedJob());
    expect(verified).toMatchObject({ state: 'ok', trust: 'valid', manifest: 'ok' });
  });

  it('may be far more than the entries', async () => {
    const links = Object.fromEntries(Array.from({ length: 30_000 }, (_, i) => [`${A}node_modules/${i}`, `../${i}`]));
    const { state, links: read } = await check(write({ entries: ENTRIES, links }));
    expect([state, read.length]).toEqual(['ok', 30_000]);
  });
});

describe('a manifest with links is refused', () => {
  it.each<[string, string]>([
    ['ARCHIVE_ENTRY_ESCAPES', `${A}../b/x`],
    ['ARCHIVE_ENTRY_ESCAPES', '/etc/cron.d/x'],
    ['ARCHIVE_ENTRY_ESCAPES', `${A}x//y`],
    ['ARCHIVE_NAME_INVALID', `${A}x\0`],
    ['ARCHIVE_NAME_INVALID', `${A}\ud800`],
    ['ARCHIVE_LIMIT_EXCEEDED', `${A}${'d/'.repeat(70)}x`],
    ['ARCHIVE_UNEXPECTED_ENTRY', 'x'],
    ['ARCHIVE_UNEXPECTED_ENTRY', 'meta.json/x'],
    ['ARCHIVE_UNEXPECTED_ENTRY', 'data/x'],
    ['ARCHIVE_UNEXPECTED_ENTRY', 'data/workspaces/a'],
    ['ARCHIVE_UNEXPECTED_ENTRY', 'data/secrets'],
    ['ARCHIVE_UNEXPECTED_ENTRY', `${A}x/`],
    ['ARCHIVE_UNEXPECTED_ENTRY', 'data/workspaces/b/'],
  ])('with %s for a link at %j', async (code, path) => {
    await expect(found({ entries: ENTRIES, more: [linkRecord(path, 'shared.md')] })).resolves.toEqual([[code, path]]);
  });

  it('for the config file as a link, also where it has content', async () => {
    const alone = { entries: { [A]: '' }, more: [linkRecord('data/config.json', 'x')] };
    const expected = [['ARCHIVE_UNEXPECTED_ENTRY', 'data/config.json']];
    await expect(found(alone)).resolves.toEqual(expected);
    await expect(found({ entries: ENTRIES, links: { 'data/config.json': 'x' } })).resolves.toEqual(expected);
  });

  it.each<[string, string, string]>([
    ['a file below a link', `${A}dir`, `${A}dir`],
    ['a directory of the same name', `${A}sub`, `${A}sub`],
    ['a link below a file', `${A}shared.md/x`, `${A}shared.md`],
  ])('for %s', async (_, link, named) => {
    const entries = { ...ENTRIES, [`${A}dir/file`]: 'x' };
    await expect(found({ entries, links: { [link]: '/etc' } })).resolves.toEqual([['ARCHIVE_NAME_CLASH', named]]);
  });

  it('for a link below a link', async () => {
    const links = { [`${A}outer`]: '/etc', [`${A}outer/inner`]: 'passwd' };
    await expect(found({ entries: ENTRIES, links })).resolves.toEqual([['ARCHIVE_NAME_CLASH', `${A}outer`]]);
    const onto = { entries: { ...ENTRIES, [`${A}x`]: 'x' }, links: { [`${A}x`]: '/etc', [`${A}x/inner`]: 'y' } };
    await expect(found(onto)).resolves.toEqual([['ARCHIVE_NAME_CLASH', `${A}x`]]);
  });

  it('for a link that is named twice', async () => {
    const twice = [linkRecord(`${A}x`, 'a'), linkRecord(`${A}x`, 'b')];
    await expect(found({ entries: ENTRIES, more: twice })).resolves.toEqual([['ARCHIVE_NAME_DUPLICATE', `${A}x`]]);
    const again = { entries: { ...ENTRIES, [`${A}x`]: 'x' }, links: { [`${A}x`]: 'y' } };
    const code = 'ARCHIVE_MANIFEST_INVALID';
    await expect(found({ ...again, more: [linkRecord(`${A}x`, 'z')] })).resolves.toEqual([[code, `${A}x`]]);
  });

  const record = linkRecord(`${A}x`, 'shared.md');
  it.each<[string, unknown]>([
    ['no target', { ...record, target: undefined }],
    ['an empty target', { ...record, target: '' }],
    ['a target with NUL', { ...record, target: 'a\0b' }],
    ['a target that is no text', { ...record, target: 7 }],
    ['a target that is not well-formed', { ...record, target: 'a\ud800' }],
    ['a target longer than any link', { ...record, target: 'x'.repeat(4096) }],
    ['a size', { ...record, size: 9 }],
    ['no time', { ...record, mtime: 'yesterday' }],
    ['a negative owner', { ...record, uid: -1 }],
    ['a group that is no number', { ...record, gid: '0' }],
    ['an owner beyond all owners', { ...record, uid: 2 ** 32 - 1 }],
    ['an owner that is no integer', { ...record, uid: 0.5 }],
  ])('for a record with %s', async (_, wrong) => {
    const expected = [['ARCHIVE_MANIFEST_INVALID', 'manifest.json']];
    await expect(found({ entries: ENTRIES, more: [wrong] })).resolves.toEqual(expected);
  });

  it.each<[string, string, (record: ManifestEntry) => ManifestEntry]>([
    ['without a target', 'ARCHIVE_HEADER_MISMATCH', ({ target: _, ...rest }) => rest],
    ['of another size', 'ARCHIVE_HEADER_MISMATCH', (listed) => ({ ...listed, size: 3 })],
    ['of another mode', 'ARCHIVE_HEADER_MISMATCH', (listed) => ({ ...listed, mode: 0o600 })],
    ['of another time', 'ARCHIVE_HEADER_MISMATCH', (listed) => ({ ...listed, mtime: '2026-04-20T09:30:01.000000Z' })],
    ['without a hash', 'ARCHIVE_MANIFEST_INVALID', ({ sha256: _, ...rest }) => rest],
  ])('for a link with content %s', async (_, code, change) => {
    const name = `${A}AGENTS.md`;
    const problems = await found({
      entries: { ...ENTRIES, [name]: 'shared text' },
      links: { [name]: 'shared.md' },
      change: (listed) => (listed.path === name ? change(listed) : listed),
    });
    expect(problems).toEqual([[code, code === 'ARCHIVE_MANIFEST_INVALID' ? 'manifest.json' : name]]);
  });

  it('for content that is not what the record says', async () => {
    const name = `${A}AGENTS.md`;
    const bytes = forgeBackup({
      entries: { ...ENTRIES, [name]: 'shared text' },
      links: { [name]: 'shared.md' },
      change: (listed) => (listed.path === name ? { ...listed, sha256: '0'.repeat(64) } : listed),
    });
    const deps = engineWith('forged.zip', bytes);
    const { problems } = await verifyBackup(deps, { backup_id: 'forged' }, new RecordedJob());
    expect(problems).toEqual([expect.objectContaining({ code: 'ARCHIVE_ENTRY_HASH_MISMATCH', path: name })]);
  });

  it('for a link entry of an earlier version whose type was damaged', async () => {
    const name = `${A}AGENTS.md`;
    const links = { [name]: 'shared.md' };
    const asLinkEntry = (mode: number) => (listed: ManifestEntry) =>
      listed.path === name ? { ...listed, mode } : listed;
    const unlisted = [{ name, content: 'shared.md', unixMode: 0o100777, extra: ENTRY_TIME }];
    const more = [{ ...linkRecord(name, 'shared.md'), size: 9, sha256: sha256Of('shared.md') }];
    await expect(found({ entries: ENTRIES, unlisted, more })).resolves.toEqual([['ARCHIVE_HEADER_MISMATCH', name]]);
    // A file that holds its own name, and a link to it, are no damage.
    const entries = { ...ENTRIES, [name]: 'shared.md' };
    await expect(found({ entries, links, change: asLinkEntry(0o644) })).resolves.toEqual([]);
  });

  it('for a directory of the zip that it calls a link', async () => {
    const change = (listed: ManifestEntry): ManifestEntry =>
      listed.path === `${A}sub/` ? { ...linkRecord(listed.path, 'x'), sha256: '0'.repeat(64) } : listed;
    const expected = [['ARCHIVE_HEADER_MISMATCH', `${A}sub/`]];
    await expect(found({ entries: ENTRIES, change })).resolves.toEqual(expected);
  });
});

describe('an archive of an earlier version, whose links are zip entries', () => {
  it('is sound and signed, and its links are none of the manifest alone', async () => {
    const deps = engineWith('old.zip', readFileSync(LINK_ENTRIES_FIXTURE), threadedEngine);
    const [backup] = (await deps.store.list()).backups;
    const verified = await verifyBackup(deps, { backup_id: backup?.id ?? '' }, new RecordedJob());
    expect(verified).toMatchObject({ state: 'ok', trust: 'valid', manifest: 'ok', problems: [], entries: 21 });
    expect((await check(LINK_ENTRIES_FIXTURE)).links).toEqual([]);
  });
});
