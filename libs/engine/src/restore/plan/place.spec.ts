import { mkdirSync, realpathSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from '@pawvault/testing';
import { isInside, isSame, locate, probePerDevice } from './place';

const root = tempDir('place');
mkdirSync(join(root, 'real/deep'), { recursive: true });
symlinkSync('real', join(root, 'link'));
symlinkSync('nowhere', join(root, 'dangling'));
symlinkSync('loop', join(root, 'loop'));
writeFileSync(join(root, 'file'), '');

it.each([
  ['real', 'real', 'directory'],
  ['link', 'real', 'directory'],
  ['link/deep', 'real/deep', 'directory'],
  ['link/new/er', 'real/new/er', 'absent'],
  ['file', 'file', 'blocked'],
  ['file/below', 'file/below', 'blocked'],
  ['dangling', 'dangling', 'blocked'],
  ['dangling/below', 'dangling/below', 'blocked'],
  ['loop', 'loop', 'blocked'],
])('%s leads to %s (%s)', async (path, real, kind) => {
  expect(await locate(join(root, path))).toMatchObject({ path: join(root, real), kind });
});

it('knows one place by two names', async () => {
  expect(isSame(await locate(join(root, 'link')), await locate(join(root, 'real')))).toBe(true);
  expect(isInside(await locate(join(root, 'link/new')), await locate(join(root, 'real')))).toBe(true);
  expect(isInside(await locate(join(root, 'real')), await locate(join(root, 'real')))).toBe(false);
  expect(isInside(await locate(join(root, 'realm')), await locate(join(root, 'real')))).toBe(false);
  expect(isInside(await locate(root), await locate('/'))).toBe(true);
});

it('takes names that differ by case or composition as one exactly where the file system does', async () => {
  const at = async (name: string, folds: boolean) => locate(join(root, name), () => Promise.resolve(folds));
  for (const [one, other] of [
    ['Foo', 'foo'],
    ['caf\u00e9', 'cafe\u0301'],
    ['new/A/b', 'new/a/B'],
  ] as const) {
    expect(isSame(await at(one, true), await at(other, true))).toBe(true);
    expect(isSame(await at(one, false), await at(other, false))).toBe(false);
  }
});

it('probes the file system as it is', async () => {
  const probe = probePerDevice();
  const upper = join(root, 'REAL');
  const folds = statSync(upper, { throwIfNoEntry: false })?.ino === statSync(join(root, 'real')).ino;
  expect(await probe(root)).toBe(folds);
  expect(await probe(join(root, 'real/deep'))).toBe(folds);
  expect(realpathSync(root)).toBe(root);
});
