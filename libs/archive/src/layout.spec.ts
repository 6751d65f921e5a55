import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FULL_SCOPE } from '@pawvault/contracts';
import { type ForgedEntry, forgeZip, tempDir } from '@pawvault/testing';
import { openArchive, openZip } from './archive-reader';
import { linkTarget } from './layout';
import { type ArchiveLimits, DEFAULT_LIMITS } from './limits';

const META: ForgedEntry = {
  name: 'meta.json',
  content: JSON.stringify({ id: 'a', name: 'n', created_at: '2026-04-20T09:30:00Z', scope: FULL_SCOPE }),
};
const LINK = 0o120777;

function write(entries: ForgedEntry[]): string {
  const path = join(tempDir('layout'), 'archive.zip');
  writeFileSync(path, forgeZip(entries));
  return path;
}

/** Opens and closes; the names on success. */
async function open(entries: ForgedEntry[], limits: Partial<ArchiveLimits> = {}): Promise<string[]> {
  const reader = await openArchive(write(entries), { ...DEFAULT_LIMITS, ...limits });
  await reader.close();
  return reader.entries.map(({ name }) => name);
}

const named = (name: string, unixMode?: number): ForgedEntry => ({
  name,
  content: name.endsWith('/') ? '' : 'x',
  ...(unixMode === undefined ? {} : { unixMode }),
});

describe('the layout of a backup', () => {
  it.each([
    'manifest.json',
    'data/',
    'data/config.json',
    'data/workspaces/',
    'data/workspaces/a/',
    'data/workspaces/QwenPaw_QA_Agent_0.2/agent.json',
    'data/workspaces/a/data/secrets/x',
    'data/workspaces/a/..hidden/meta.json',
    'data/skill_pool/',
    'data/skill_pool/meta.json',
    'data/secrets/',
    'data/secrets/.master_key',
  ])('has a place for %s', async (name) => {
    await expect(open([named(name), META])).resolves.toContain(name);
  });

  it.each(['data/workspaces/a/link', 'data/secrets/link', 'data/skill_pool/link'])(
    'has a place for a link at %s',
    async (name) => {
      await expect(open([named(name, LINK), META])).resolves.toContain(name);
    },
  );

  it.each([
    'evil.sh',
    'META.json',
    'meta.json.bak',
    'meta.jsonx',
    'backup/meta.json',
    'data/x',
    'data/Config.json',
    'data/config.json.bak',
    'data/config.json/',
    'data/config.json/x',
    'data/models/x',
    'data/secretsx/y',
    'data/secrets',
    'data/skill_pool',
    'data/workspaces',
    'data/workspaces/a',
    'data',
    'Data/secrets/x',
    '.pawvault/x',
    '.signing_key',
    'manifest.json/',
    '__MACOSX',
    'x/__MACOSX/y',
    'x.DS_Store',
    'data/.DS_Store/x',
  ])('has no place for %s', async (name) => {
    const details = { entry: name };
    await expect(open([named(name), META])).rejects.toMatchObject({ code: 'ARCHIVE_UNEXPECTED_ENTRY', details });
  });

  it.each(['manifest.json', 'data/config.json', 'data/secrets', 'data/workspaces/a', '__MACOSX/x', '.DS_Store'])(
    'has no place for a link at %s',
    async (name) => {
      const details = { entry: name };
      await expect(open([named(name, LINK), META])).rejects.toMatchObject({
        code: 'ARCHIVE_UNEXPECTED_ENTRY',
        details,
      });
    },
  );

  it('wants meta.json to be a file', async () => {
    const details = { entry: 'meta.json' };
    const refusal = { code: 'ARCHIVE_UNEXPECTED_ENTRY', details };
    await expect(open([{ ...META, unixMode: LINK }])).rejects.toMatchObject(refusal);
    await expect(open([named('meta.json/')])).rejects.toMatchObject({ code: 'ARCHIVE_META_MISSING' });
  });

  it.each(['.hidden', '智能体', 'a b', 'ab:c', 'a'.repeat(129), '~', '-\u200b'])(
    'refuses the agent id %j',
    async (id) => {
      for (const name of [`data/workspaces/${id}/`, `data/workspaces/${id}/agent.json`]) {
        const refusal = { code: 'ARCHIVE_AGENT_ID_INVALID', details: { entry: name } };
        await expect(open([named(name), META])).rejects.toMatchObject(refusal);
      }
    },
  );

  it('bears with what the Finder of macOS leaves in a zip: nothing of it belongs to a module', async () => {
    const traces = [
      '.DS_Store',
      '__MACOSX/',
      '__MACOSX/._meta.json',
      '__MACOSX/data/workspaces/a/._agent.json',
      'data/.DS_Store',
      'data/workspaces/.DS_Store',
    ];
    await expect(open([...traces.map((name) => named(name)), META])).resolves.toEqual(expect.arrayContaining(traces));
  });

  it('is said to be missing altogether for a zip that is no backup', async () => {
    const refusal = { code: 'ARCHIVE_META_MISSING', details: {} };
    await expect(open([named('holiday/photo.jpg')])).rejects.toMatchObject(refusal);
    await expect(open([])).rejects.toMatchObject(refusal);
    const reader = await openZip(write([named('holiday/photo.jpg')]), DEFAULT_LIMITS);
    await reader.close();
  });

  it.each<[string, Partial<ArchiveLimits>, string]>([
    ['meta.json', { maxMetaBytes: 20 }, 'PAWVAULT_LIMIT_META_BYTES'],
    ['manifest.json', { maxManifestBytes: 20 }, 'PAWVAULT_LIMIT_MANIFEST_BYTES'],
  ])('bounds the size of %s', async (entry, limits, limit) => {
    const manifest = { name: 'manifest.json', content: ' '.repeat(21) };
    const refusal = { code: 'ARCHIVE_LIMIT_EXCEEDED', details: { entry, limit } };
    await expect(open([manifest, META], limits)).rejects.toMatchObject(refusal);
    await expect(open([manifest, META])).resolves.toHaveLength(2);
  });
});

describe('the target of a link', () => {
  const target = (entry: string, to: string | Buffer): string => linkTarget(entry, Buffer.from(to));

  it.each([
    ['data/workspaces/a/link', 'x'],
    ['data/workspaces/a/d/link', '../x'],
    ['data/workspaces/a/d/link', '..'],
    ['data/workspaces/a/link', './x/./y'],
    ['data/secrets/link', '智能体'],
    ['data/skill_pool/deep/er/link', '../../x'],
    ['data/secrets/link', 'C:/x'],
    ['data/secrets/link', '..\\x'],
    ['data/secrets/link', 'a\nb'],
  ])('from %s to %s stays inside', (entry, to) => {
    expect(target(entry, to)).toBe(to);
  });

  it.each<[string, string | Buffer]>([
    ['data/workspaces/a/link', '/etc/passwd'],
    ['data/workspaces/a/link', '../b/agent.json'],
    ['data/workspaces/a/d/link', '../../a/x'],
    ['data/workspaces/a/link', 'x/../../b'],
    ['data/workspaces/a/link', 'x/..'],
    ['data/secrets/link', '../config.json'],
    ['data/skill_pool/link', '..'],
    ['data/secrets/link', ''],
    ['data/secrets/link', 'a\0b'],
    ['data/secrets/link', Buffer.from([0xff, 0xfe])],
    ['data/link', 'x'],
  ])('from %s to %j escapes', (entry, to) => {
    const refusal = { code: 'ARCHIVE_SYMLINK_ESCAPES', details: { entry } };
    expect(() => target(entry, to)).toThrow(
      expect.objectContaining({ ...refusal, details: expect.objectContaining({ entry }) as object }) as Error,
    );
  });
});
