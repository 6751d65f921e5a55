import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { directory, file, noise, sha256Of, symlink, tempDir, type Tree, writeTree } from '@pawvault/testing';
import { openArchive } from './archive-reader';
import { DEFAULT_LIMITS } from './limits';

const TEXT = 'the same line again\n'.repeat(2_000);
const NOISE = noise('foreign', 300_000);
const MTIME = new Date('2026-04-20T09:30:00Z');
const FILES: Tree = {
  'data/config.json': file('{}', { mode: 0o600, mtime: MTIME }),
  'data/workspaces/a/text.md': file(TEXT, { mtime: MTIME }),
  'data/workspaces/a/noise.bin': file(NOISE, { mtime: MTIME }),
  'data/workspaces/a/empty.txt': file('', { mtime: MTIME }),
  'data/workspaces/a/报告 №1.txt': file('季度', { mtime: MTIME }),
  'data/workspaces/a/😀.txt': file('smile', { mtime: MTIME }),
  'data/workspaces/a/hollow': directory({ mtime: MTIME }),
};

const CONTENTS = new Set(['{}', TEXT, NOISE, '', '季度', 'smile'].map(sha256Of));

type Maker = [tool: string, make: (source: string, target: string) => void];

const run = (command: string, args: string[], cwd?: string): Buffer =>
  execFileSync(command, args, {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 1 << 26,
    env: { ...process.env, LC_ALL: 'C.UTF-8', TZ: 'UTC' },
  });

const python =
  (script: string): Maker[1] =>
  (source, target) => {
    const walk = `
import os, sys, zipfile, io
source, target = sys.argv[1:]
def each():
    for root, dirs, files in os.walk(source):
        for name in sorted(files) + sorted(d for d in dirs if not os.listdir(os.path.join(root, d))):
            path = os.path.join(root, name)
            yield path, os.path.relpath(path, source)
`;
    run('python3', ['-c', walk + script, source, target]);
  };

const MAKERS: Maker[] = [
  ['zip', (source, target) => run('zip', ['-qr', target, '.'], source)],
  ['zip -X0, stored', (source, target) => run('zip', ['-qrX0', target, '.'], source)],
  [
    'zip into a pipe, with data descriptors',
    (source, target) => writeFileSync(target, run('zip', ['-qr', '-', '.'], source)),
  ],
  ['zip -fz, with zip64 everywhere', (source, target) => run('zip', ['-qr', '-fz', target, '.'], source)],
  [
    'zip with a comment',
    (source, target) => {
      run('zip', ['-qr', target, '.'], source);
      execFileSync('zip', ['-qz', target], { input: 'made by hand\nin two lines\n' });
    },
  ],
  ['7-Zip', (source, target) => run('7z', ['a', '-tzip', '-bso0', target, '.'], source)],
  [
    '7-Zip with UTF-8 names, stored',
    (source, target) => run('7z', ['a', '-tzip', '-mcu=on', '-mx=0', '-bso0', target, '.'], source),
  ],
  [
    'Python zipfile',
    python(`
with zipfile.ZipFile(target, 'w', zipfile.ZIP_DEFLATED) as archive:
    archive.comment = b'PK is how a zip begins'
    for path, name in each(): archive.write(path, name)
`),
  ],
  [
    'Python zipfile into a pipe',
    python(`
class Pipe(io.RawIOBase):
    def __init__(self, file): self.file = file
    def writable(self): return True
    def write(self, data): return self.file.write(data)
with open(target, 'wb') as file, zipfile.ZipFile(Pipe(file), 'w', zipfile.ZIP_DEFLATED) as archive:
    for path, name in each(): archive.write(path, name)
`),
  ],
  [
    'Python zipfile with zip64 everywhere',
    python(`
with zipfile.ZipFile(target, 'w', zipfile.ZIP_STORED) as archive:
    for path, name in each():
        if os.path.isdir(path): archive.write(path, name); continue
        with archive.open(name, 'w', force_zip64=True) as entry: entry.write(open(path, 'rb').read())
`),
  ],
  [
    'Python zipfile into a pipe with zip64 everywhere',
    python(`
class Pipe(io.RawIOBase):
    def __init__(self, file): self.file = file
    def writable(self): return True
    def write(self, data): return self.file.write(data)
with open(target, 'wb') as file, zipfile.ZipFile(Pipe(file), 'w', zipfile.ZIP_DEFLATED) as archive:
    for path, name in each():
        if os.path.isdir(path): archive.write(path, name); continue
        with archive.open(name, 'w', force_zip64=True) as entry: entry.write(open(path, 'rb').read())
`),
  ],
];

/** Name → hash of every file, as Python reads the archive: what QwenPaw will see. */
function asPythonReads(path: string): Record<string, string> {
  const script = `
import hashlib, json, sys, zipfile
archive = zipfile.ZipFile(sys.argv[1])
names = [name for name in archive.namelist() if not name.endswith('/')]
print(json.dumps({name: hashlib.sha256(archive.read(name)).hexdigest() for name in names}))
`;
  return JSON.parse(run('python3', ['-c', script, path]).toString()) as Record<string, string>;
}

describe('an archive made by', () => {
  it.each(MAKERS)('%s is read as Python reads it', async (_, make) => {
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
    run('zip', ['-qry', join(root, 'made.zip'), '.'], join(root, 'source'));
    const reader = await openArchive(join(root, 'made.zip'), DEFAULT_LIMITS);
    try {
      const link = reader.get('data/workspaces/a/link.md');
      expect(link?.type).toBe('symlink');
      if (link) expect((await reader.read(link, 100)).toString()).toBe('text.md');
      expect(reader.get('data/config.json')).toMatchObject({ mode: 0o600, mtime: MTIME });
    } finally {
      await reader.close();
    }
  });
});
