import { execFileSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';

/** Packs a directory, not the directory itself but what is in it, into a new zip. */
export type ZipTool = [tool: string, make: (source: string, target: string) => void];

/** Runs a program that others wrote, in UTC and UTF-8. @returns what it prints @throws when it fails */
export const runTool = (command: string, args: string[], cwd?: string): Buffer =>
  execFileSync(command, args, {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 1 << 26,
    env: { ...process.env, LC_ALL: 'C.UTF-8', TZ: 'UTC' },
  });

const python =
  (script: string): ZipTool[1] =>
  (source, target) => {
    const walk = `
import os, sys, zipfile, io
source, target = sys.argv[1:]
class Pipe(io.RawIOBase):
    def __init__(self, file): self.file = file
    def writable(self): return True
    def write(self, data): return self.file.write(data)
def each():
    for root, dirs, files in os.walk(source):
        for name in sorted(files) + sorted(d for d in dirs if not os.listdir(os.path.join(root, d))):
            path = os.path.join(root, name)
            yield path, os.path.relpath(path, source)
`;
    runTool('python3', ['-c', walk + script, source, target]);
  };

/** By name, because `.` would become a part of the names. */
const bsdtar =
  (...options: string[]): ZipTool[1] =>
  (source, target) => {
    runTool('bsdtar', ['--format', 'zip', ...options, '-cf', target, ...readdirSync(source)], source);
  };

/** Zip programs of other people, with the options that change what they write. */
export const ZIP_TOOLS: readonly ZipTool[] = [
  ['zip', (source, target) => runTool('zip', ['-qr', target, '.'], source)],
  ['zip -X0, stored', (source, target) => runTool('zip', ['-qrX0', target, '.'], source)],
  [
    'zip into a pipe, with data descriptors',
    (source, target) => writeFileSync(target, runTool('zip', ['-qr', '-', '.'], source)),
  ],
  ['zip -fz, with zip64 everywhere', (source, target) => runTool('zip', ['-qr', '-fz', target, '.'], source)],
  [
    'zip with a comment',
    (source, target) => {
      runTool('zip', ['-qr', target, '.'], source);
      execFileSync('zip', ['-qz', target], { input: 'made by hand\nin two lines\n' });
    },
  ],
  [
    'zip, with entries replaced and removed',
    (source, target) => {
      writeFileSync(`${source}/gone.txt`, 'x'.repeat(5_000));
      runTool('zip', ['-qr', target, '.'], source);
      runTool('zip', ['-q', target, 'data/config.json'], source);
      runTool('zip', ['-qd', target, 'gone.txt'], source);
    },
  ],
  ['bsdtar', bsdtar()],
  ['bsdtar, stored', bsdtar('--options', 'zip:compression=store')],
  ['bsdtar with zip64', bsdtar('--options', 'zip:zip64')],
  [
    '7-Zip, with an entry replaced',
    (source, target) => {
      runTool('7z', ['a', '-tzip', '-bso0', target, '.'], source);
      runTool('7z', ['a', '-tzip', '-mx=0', '-bso0', target, 'data/config.json'], source);
    },
  ],
  ['7-Zip', (source, target) => runTool('7z', ['a', '-tzip', '-bso0', target, '.'], source)],
  [
    '7-Zip with UTF-8 names, stored',
    (source, target) => runTool('7z', ['a', '-tzip', '-mcu=on', '-mx=0', '-bso0', target, '.'], source),
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
with open(target, 'wb') as file, zipfile.ZipFile(Pipe(file), 'w', zipfile.ZIP_DEFLATED) as archive:
    for path, name in each():
        if os.path.isdir(path): archive.write(path, name); continue
        with archive.open(name, 'w', force_zip64=True) as entry: entry.write(open(path, 'rb').read())
`),
  ],
  [
    'Python zipfile, with a comment for every entry and no entries for directories but empty ones',
    python(`
with zipfile.ZipFile(target, 'w', zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
    archive.comment = b'x' * 65535
    for path, name in each():
        info = zipfile.ZipInfo.from_file(path, name)
        info.comment = ('about ' + name).encode()
        info.compress_type = zipfile.ZIP_DEFLATED
        archive.writestr(info, b'' if info.is_dir() else open(path, 'rb').read())
`),
  ],
  [
    'Python zipfile, with entries added later',
    python(`
for path, name in each():
    with zipfile.ZipFile(target, 'a', zipfile.ZIP_DEFLATED) as archive: archive.write(path, name)
`),
  ],
  [
    'git archive',
    (source, target) => {
      const git = (...args: string[]): Buffer =>
        runTool(
          'git',
          ['-c', 'user.name=x', '-c', 'user.email=x@localhost', '-c', 'core.excludesFile=', ...args],
          source,
        );
      git('init', '-q');
      writeFileSync(`${source}/data/workspaces/a/hollow/.keep`, '');
      git('add', '--all', '--force');
      git('commit', '-qm', 'all');
      git('archive', '--format=zip', '-o', target, 'HEAD');
    },
  ],
];
