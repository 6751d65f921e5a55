import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FULL_SCOPE, moduleOf } from '@pawvault/contracts';
import { type ForgedEntry, forgeZip, tempDir } from '@pawvault/testing';
import { openArchive, openZip } from './archive-reader';
import { linkTarget } from './layout';
import { type ArchiveLimits, DEFAULT_LIMITS } from './limits';
import { unknownEntries } from './unknown-entries';

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
    'README.txt',
    'META.json',
    'meta.json.bak',
    'META-INF/MANIFEST.MF',
    'backup/meta.json',
    'data/browser_data.json',
    'data/platform_content/media/x.png',
    'data/Config.json',
    'data/config.json.bak',
    'data/secretsx/y',
    'data/workspaces/Thumbs.db',
    'data/workspaces/.restore_old/agent.json',
    'data/workspaces/new\nline/agent.json',
    'Data/secrets/x',
    '.pawvault/x',
    '.signing_key',
    'x/__MACOSX/y',
  ])('has no place for %j, which is kept and belongs to no module', async (name) => {
    await expect(open([named(name), META])).resolves.toContain(name);
    expect(moduleOf(name)).toBeNull();
    expect(unknownEntries([{ name, type: 'file', size: 3 }])).toMatchObject({ files: 1, bytes: 3 });
  });

  it.each([
    'manifest.json/',
    'manifest.json/x',
    'meta.json/x',
    'data/config.json/',
    'data/config.json/x',
    'data/secrets',
    'data/skill_pool',
    'data/workspaces',
    'data',
  ])('has another kind of thing at %s', async (name) => {
    const details = { entry: expect.stringMatching(name === 'meta.json/x' ? /^meta\.json/ : name) as string };
    const code = expect.stringMatching(/^ARCHIVE_(UNEXPECTED_ENTRY|NAME_CLASH)$/) as string;
    await expect(open([named(name), META])).rejects.toMatchObject({ code, details });
  });

  it.each(['manifest.json', 'data/config.json', 'data/secrets', 'data/workspaces', 'data'])(
    'has no place for a link at %s',
    async (name) => {
      const refusal = { code: 'ARCHIVE_UNEXPECTED_ENTRY', details: { entry: name } };
      await expect(open([named(name, LINK), META])).rejects.toMatchObject(refusal);
    },
  );

  it('wants meta.json to be a file', async () => {
    const details = { entry: 'meta.json' };
    const refusal = { code: 'ARCHIVE_UNEXPECTED_ENTRY', details };
    await expect(open([{ ...META, unixMode: LINK }])).rejects.toMatchObject(refusal);
    await expect(open([named('meta.json/')])).rejects.toMatchObject({ code: 'ARCHIVE_META_MISSING' });
  });

  it.each(['智能体', 'a b', 'ab:c', 'a'.repeat(255), '~', '-\u200b', 'back\\slash'])(
    'has a place for the agent %j',
    async (id) => {
      const name = `data/workspaces/${id}/agent.json`;
      await expect(open([named(name), META])).resolves.toContain(name);
      expect(moduleOf(name)).toMatchObject({ module: 'agents', agent: id });
    },
  );

  it('names what it does not know by the outermost places', () => {
    const names = [
      'README.txt',
      'data/platform_content/',
      'data/platform_content/a/b',
      'data/platform_content/c',
      'data/workspaces/.restore_old/a/agent.json',
      'data/workspaces/default/agent.json',
      'data/config.json',
      'meta.json',
      'data/',
      '__MACOSX/x\ny',
    ];
    const entries = names.map((name) => ({
      name,
      type: name.endsWith('/') ? ('directory' as const) : ('file' as const),
      size: name.endsWith('/') ? 0 : 10,
    }));
    expect(unknownEntries(entries)).toEqual({
      files: 4,
      bytes: 40,
      places: ['README.txt', 'data/platform_content/', 'data/workspaces/.restore_old/'],
    });
    expect(unknownEntries(entries.slice(5))).toBeNull();
  });

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
    ['data/platform/link', '../x'],
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
    ['data/link', '../../x'],
    ['data/platform/link', '/etc'],
  ])('from %s to %j escapes', (entry, to) => {
    const refusal = { code: 'ARCHIVE_SYMLINK_ESCAPES', details: { entry } };
    expect(() => target(entry, to)).toThrow(
      expect.objectContaining({ ...refusal, details: expect.objectContaining({ entry }) as object }) as Error,
    );
  });
});
