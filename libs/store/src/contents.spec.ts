import { cpSync, existsSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_LIMITS } from '@pawvault/archive';
import { LINK_ENTRIES_FIXTURE, qwenpawFixture, sha256Of, tempDir } from '@pawvault/testing';
import { type FilePage, openStore, type Store } from './index';
import { writeBackup } from './spec-support/write-backup';

const ENTRIES = {
  'data/config.json': '{}',
  'data/secrets/.master_key': 'key',
  'data/workspaces/default/': '',
  'data/workspaces/default/agent.json': '{"name":"Mina"}',
  'data/workspaces/default/😀.txt': 'grin',
  'data/workspaces/default/～.txt': 'tilde',
};

async function text(stream: NodeJS.ReadableStream): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString();
}

describe('what a backup holds', () => {
  let directory: string;
  let store: Store;

  beforeEach(() => {
    directory = tempDir('store');
    store = openStore({ backupDir: directory, limits: DEFAULT_LIMITS });
  });

  it('comes from the manifest where there is one', async () => {
    writeBackup(directory, { id: 'b', entries: ENTRIES });
    expect(await store.detail('b')).toMatchObject({
      id: 'b',
      has_manifest: true,
      agents: { default: { name: 'Mina', files: 2, bytes: 12 } },
      modules: { global_config: { files: 1, bytes: 2 } },
      omissions: [{ path: 'data/workspaces/gone/', reason: 'missing_workspace' }],
      exclusions: [{ rule: '*.lock', files: 1, bytes: 3 }],
      duplicates: [],
    });
  });

  it('is counted where there is none', async () => {
    const entries = { ...ENTRIES, 'data/workspaces/empty/': '', 'data/workspaces/odd/agent.json': '[1' };
    writeBackup(directory, { id: 'b', entries, manifest: false });
    expect(await store.detail('b')).toMatchObject({
      has_manifest: false,
      agents: {
        default: { name: 'Mina', files: 3, bytes: 15 + 4 + 5 },
        empty: { name: 'empty', files: 0, bytes: 0 },
        odd: { name: 'odd', files: 1, bytes: 2 },
      },
      modules: { global_config: { files: 1, bytes: 2 }, secrets: { files: 1, bytes: 3 } },
      omissions: null,
      exclusions: null,
    });
  });

  it('does not follow an agent called __proto__ into the prototype', async () => {
    writeBackup(directory, { id: 'b', entries: { 'data/workspaces/__proto__/a': 'x' }, manifest: false });
    const { agents } = await store.detail('b');
    expect(Object.entries(agents)).toEqual([['__proto__', { name: '__proto__', files: 1, bytes: 1 }]]);
  });

  it('names the agents of an archive of QwenPaw', async () => {
    cpSync(qwenpawFixture('native-full.zip'), join(directory, 'native-full.zip'));
    const { backups } = await store.list();
    const { agents, agent_count } = await store.detail(backups[0]?.id ?? '');
    expect(Object.keys(agents)).toHaveLength(agent_count);
    expect(Object.values(agents).every(({ name, files }) => name !== '' && files > 0)).toBe(true);
  });

  it('refuses a damaged directory with the reason', async () => {
    const path = writeBackup(directory, { id: 'b', entries: ENTRIES });
    const bytes = readFileSync(path);
    bytes.write('X', bytes.lastIndexOf('data/workspaces/default/agent.json') + 3);
    const at = bytes.lastIndexOf(Buffer.from([0x50, 0x4b, 0x01, 0x02]), bytes.lastIndexOf('data/secrets/.master_key'));
    bytes.writeUInt16LE(99, at + 10);
    writeFileSync(path, bytes);
    await expect(store.detail('b')).rejects.toMatchObject({
      code: 'BACKUP_INVALID',
      details: { id: 'b', reason: 'ARCHIVE_METHOD_UNSUPPORTED', entry: 'data/secrets/.master_key' },
    });
  });

  describe('its files', () => {
    beforeEach(() => writeBackup(directory, { id: 'b', entries: ENTRIES }));

    it('are listed by code point, page by page, without metadata', async () => {
      const first = await store.files('b', { limit: 4 });
      expect(first.files.map(({ path }) => path)).toEqual(Object.keys(ENTRIES).slice(0, 4));
      const second = await store.files('b', { limit: 4, after: first.next ?? '' });
      expect(second.files.map(({ path }) => path)).toEqual([
        'data/workspaces/default/～.txt',
        'data/workspaces/default/😀.txt',
      ]);
      expect(second.next).toBeNull();
    });

    it('say what the manifest knows of them', async () => {
      const { files } = await store.files('b', { prefix: 'data/workspaces/default/a', limit: 10 });
      expect(files).toEqual([
        {
          path: 'data/workspaces/default/agent.json',
          type: 'file',
          size: 15,
          mode: 0o640,
          mtime: '2026-04-20T09:30:00.123456Z',
          sha256: sha256Of(Buffer.from('{"name":"Mina"}')),
          target: null,
          has_content: true,
        },
      ]);
    });

    it('can be read one by one', async () => {
      const { record, stream } = await store.openFile('b', 'data/workspaces/default/😀.txt');
      expect(record).toMatchObject({ size: 4, sha256: sha256Of(Buffer.from('grin')) });
      expect(await text(stream)).toBe('grin');
    });

    it('are refused for what is not one', async () => {
      const open = (path: string): Promise<unknown> => store.openFile('b', path);
      for (const path of [
        '',
        'meta.json',
        'manifest.json',
        'data/none',
        '../b.zip',
        'data/../meta.json',
        'data/workspaces/default/..',
      ]) {
        await expect(open(path)).rejects.toMatchObject({ code: 'BACKUP_FILE_NOT_FOUND' });
      }
      await expect(open('data/workspaces/default/')).rejects.toMatchObject({ code: 'BACKUP_FILE_NOT_REGULAR' });
      await expect(open('data/workspaces/default')).rejects.toMatchObject({ code: 'BACKUP_FILE_NOT_REGULAR' });
    });

    it('have links among them, those of the manifest alone as well', async () => {
      const W = 'data/workspaces/default/';
      const entries = { ...ENTRIES, [`${W}AGENTS.md`]: 'shared' };
      const links = {
        [`${W}AGENTS.md`]: 'shared.md',
        [`${W}a-dir`]: '/srv',
        [`${W}～～`]: 'no\nwhere',
        'data/secrets/z': 'k',
      };
      writeBackup(directory, { id: 'b', entries, links });
      const names = [...Object.keys(entries), ...Object.keys(links)];
      const sorted = [...new Set(names)].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));

      for (const limit of [1, 2, 3, 4, 100]) {
        const seen: string[] = [];
        for (let after: string | null = ''; after !== null;) {
          const page: FilePage = await store.files('b', { limit, after });
          expect(page.files.length).toBeLessThanOrEqual(limit);
          seen.push(...page.files.map(({ path }) => path));
          after = page.next;
        }
        expect(seen).toEqual(sorted);
      }
      const { files } = await store.files('b', { prefix: `${W}A`, limit: 9 });
      expect(files).toMatchObject([{ type: 'symlink', target: 'shared.md', size: 6, has_content: true }]);
      const alone = await store.files('b', { prefix: `${W}～～`, limit: 9 });
      expect(alone.files).toEqual([
        {
          path: `${W}～～`,
          type: 'symlink',
          size: 0,
          mode: 0o777,
          mtime: '2026-04-20T09:30:00.123456Z',
          sha256: null,
          target: 'no\nwhere',
          has_content: false,
        },
      ]);
      expect(await text((await store.openFile('b', `${W}AGENTS.md`)).stream)).toBe('shared');
      const refusal = { code: 'BACKUP_FILE_NOT_REGULAR', details: { type: 'symlink' } };
      await expect(store.openFile('b', `${W}a-dir`)).rejects.toMatchObject(refusal);
      await expect(store.openFile('b', `${W}a-dir/x`)).rejects.toMatchObject({ code: 'BACKUP_FILE_NOT_FOUND' });
    });

    it('are links without content where an earlier version wrote them', async () => {
      cpSync(LINK_ENTRIES_FIXTURE, join(directory, 'old.zip'));
      const [old] = (await store.list()).backups.filter(({ file_name }) => file_name === 'old.zip');
      const path = 'data/workspaces/a/memory/up';
      const { files } = await store.files(old?.id ?? '', { prefix: path, limit: 9 });
      expect(files).toMatchObject([{ path, type: 'symlink', target: '../shared.md', has_content: false }]);
      const refusal = { code: 'BACKUP_FILE_NOT_REGULAR', details: { type: 'symlink' } };
      await expect(store.openFile(old?.id ?? '', path)).rejects.toMatchObject(refusal);
    });

    it('never arrive whole when they are damaged', async () => {
      const path = join(directory, 'b.zip');
      const bytes = readFileSync(path);
      bytes.write('grim', bytes.indexOf('grin'));
      writeFileSync(path, bytes);
      const { stream } = await store.openFile('b', 'data/workspaces/default/😀.txt');
      const seen: unknown[] = [];
      stream.on('data', (piece) => seen.push(piece));
      const error: unknown = await new Promise((resolve) => stream.once('error', resolve));
      expect(error).toMatchObject({ code: 'BACKUP_INVALID', details: { reason: 'ARCHIVE_ENTRY_CRC_MISMATCH' } });
      expect(seen).toEqual([]);
    });

    it('close the archive when nobody reads them', async () => {
      const before = openDescriptors();
      const { stream } = await store.openFile('b', 'data/config.json');
      expect(openDescriptors()).toContain(join(directory, 'b.zip'));
      const closed = new Promise((resolve) => stream.once('close', resolve));
      stream.destroy();
      await closed;
      await new Promise(setImmediate);
      expect(await settled(() => openDescriptors().length <= before.length)).toBe(true);
    });
  });
});

/** Paths that this process has open; empty where the system does not tell. */
function openDescriptors(): string[] {
  if (!existsSync('/proc/self/fd')) return [];
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)].filter((path) => path.endsWith('.zip'));
    } catch {
      return [];
    }
  });
}

async function settled(condition: () => boolean): Promise<boolean> {
  for (let turn = 0; turn < 1000 && !condition(); turn++) await new Promise(setImmediate);
  return condition();
}
