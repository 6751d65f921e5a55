import { closeSync, mkdirSync, openSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { noise, tempDir } from '@pawvault/testing';
import type { WriteTarget } from '../threads/tasks';
import { createFile, DirectoryCache, writeFileOnce } from './write-file';

let root: string;
let areaFd: number;
beforeEach(() => {
  root = tempDir('write');
  mkdirSync(join(root, 'd/e'), { recursive: true });
  areaFd = openSync(root, 'r');
});
afterEach(() => closeSync(areaFd));

const target = (name: string, directory = 'd/e'): WriteTarget => ({
  areaFd,
  directory,
  name,
  mode: 0o640,
  mtimeMs: 1_700_000_000_250,
  owner: null,
});

async function writePieces(name: string, pieces: readonly Buffer[]): Promise<string> {
  const file = await createFile(target(name));
  for (const piece of pieces) await file.write(piece);
  await file.close();
  return join(root, 'd/e', name);
}

it.each([
  ['nothing but zeros', [Buffer.alloc(300_000)]],
  ['zeros between content', [noise('a', 70_000), Buffer.alloc(500_000), noise('b', 70_001)]],
  ['content that ends in zeros', [noise('a', 65_536), Buffer.alloc(65_536)]],
  ['short runs of zeros', [Buffer.alloc(1000), noise('a', 10), Buffer.alloc(70_000, 1)]],
  ['nothing', []],
])('a large file of %s has its content, mode and time', async (_, pieces) => {
  const path = await writePieces('file', pieces);
  expect(readFileSync(path).equals(Buffer.concat(pieces))).toBe(true);
  expect(statSync(path)).toMatchObject({ mode: 0o100640, mtimeMs: 1_700_000_000_250 });
});

it('long runs of zeros take no room', async () => {
  const path = await writePieces(
    'hollow',
    Array.from({ length: 64 }, () => Buffer.alloc(1 << 20)),
  );
  const { size, blocks } = statSync(path);
  expect(size).toBe(64 << 20);
  expect(blocks * 512).toBeLessThan(1 << 20);
});

it.each(['large', 'small'])('a %s file is not written through a link, nor over what is there', async (kind) => {
  const elsewhere = join(root, 'elsewhere');
  symlinkSync(elsewhere, join(root, 'd/e/link'));
  writeFileSync(join(root, 'd/e/there'), 'mine');
  symlinkSync(root, join(root, 'd/away'));
  const directories = new DirectoryCache();
  const write = async (place: WriteTarget): Promise<void> => {
    if (kind === 'large') await (await createFile(place)).close();
    else writeFileOnce(place, Buffer.from('x'), directories);
  };
  await expect(write(target('link'))).rejects.toMatchObject({ code: 'EEXIST' });
  await expect(write(target('there'))).rejects.toMatchObject({ code: 'EEXIST' });
  await expect(write(target('new', 'd/away'))).rejects.toThrow();
  directories.close();
  expect(() => statSync(elsewhere)).toThrow('ENOENT');
  expect(readFileSync(join(root, 'd/e/there'), 'utf8')).toBe('mine');
});
