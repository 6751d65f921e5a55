import { join } from 'node:path';
import { FULL_SCOPE } from '@pawvault/contracts';
import {
  directory,
  file,
  noise,
  sha256Of,
  runTool,
  symlink,
  tempDir,
  type Tree,
  writeTree,
  ZIP_TOOLS,
} from '@pawvault/testing';
import { openArchive } from './archive-reader';
import { DEFAULT_LIMITS } from './limits';

const TEXT = 'the same line again\n'.repeat(2_000);
const NOISE = noise('foreign', 300_000);
const MTIME = new Date('2026-04-20T09:30:00Z');
const META = JSON.stringify({ id: 'made', name: 'n', created_at: '2026-04-20T09:30:00Z', scope: FULL_SCOPE });
const FILES: Tree = {
  'meta.json': file(META, { mtime: MTIME }),
  'data/config.json': file('{}', { mode: 0o600, mtime: MTIME }),
  'data/workspaces/a/text.md': file(TEXT, { mtime: MTIME }),
  'data/workspaces/a/noise.bin': file(NOISE, { mtime: MTIME }),
  'data/workspaces/a/empty.txt': file('', { mtime: MTIME }),
  'data/workspaces/a/报告 №1.txt': file('季度', { mtime: MTIME }),
  'data/workspaces/a/😀.txt': file('smile', { mtime: MTIME }),
  'data/workspaces/a/hollow': directory({ mtime: MTIME }),
};

const CONTENTS = new Set([META, '{}', TEXT, NOISE, '', '季度', 'smile'].map(sha256Of));

/** Name → hash of every file, as Python reads the archive: what QwenPaw will see. */
function asPythonReads(path: string): Record<string, string> {
  const script = `
import hashlib, json, sys, zipfile
archive = zipfile.ZipFile(sys.argv[1])
names = [name for name in archive.namelist() if not name.endswith('/')]
print(json.dumps({name: hashlib.sha256(archive.read(name)).hexdigest() for name in names}))
`;
  return JSON.parse(runTool('python3', ['-c', script, path]).toString()) as Record<string, string>;
}

describe('an archive made by', () => {
  it.each(ZIP_TOOLS)('%s is read as Python reads it', async (_, make) => {
    const root = tempDir('foreign');
    const source = join(root, 'source');
    writeTree(source, FILES);
    const target = join(root, 'made.zip');
    make(source, target);
    const reader = await openArchive(target, DEFAULT_LIMITS);
    try {
      const read: [string, string][] = [];
      for (const entry of reader.entries) {
        const content = await reader.read(entry, 1 << 20);
        if (entry.type === 'file') read.push([entry.name, sha256Of(content)]);
      }
      expect(Object.fromEntries(read)).toEqual(asPythonReads(target));
      expect(new Set(read.map(([, hash]) => hash))).toEqual(CONTENTS);
      expect(reader.get('data/workspaces/a/hollow/')?.type).toBe('directory');
      expect(reader.get('data/workspaces/a/text.md')?.size).toBe(TEXT.length);
    } finally {
      await reader.close();
    }
  });

  it('zip -y keeps links, modes and times', async () => {
    const root = tempDir('foreign');
    writeTree(join(root, 'source'), { ...FILES, 'data/workspaces/a/link.md': symlink('text.md') });
    runTool('zip', ['-qry', join(root, 'made.zip'), '.'], join(root, 'source'));
    const reader = await openArchive(join(root, 'made.zip'), DEFAULT_LIMITS);
    try {
      const link = reader.get('data/workspaces/a/link.md');
      expect(link?.type).toBe('symlink');
      if (link) expect((await reader.read(link, 100)).toString()).toBe('text.md');
      expect(reader.get('data/config.json')).toMatchObject({ mode: 0o600, mtimeMs: MTIME.getTime() });
    } finally {
      await reader.close();
    }
  });
});
