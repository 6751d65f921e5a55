import { chmodSync, readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { readTree, tempDir, writeTree } from '@pawvault/testing';
import { swapInPlace, unswapInPlace } from './in-place-swap';
import type { SwapTarget } from './swap-target';

function boundFile(): { root: string; target: SwapTarget } {
  const root = tempDir();
  writeTree(root, { 'config.json': 'the old, which is longer', '.staged': 'the new' });
  const path = join(root, 'config.json');
  const staged = join(root, '.staged');
  chmodSync(path, 0o640);
  utimesSync(path, 1_600_000_000, 1_600_000_000);
  chmodSync(staged, 0o600);
  utimesSync(staged, 1_700_000_000, 1_700_000_000);
  const rest = { existed: true, carry: [], attributes: null, made_parents: [] };
  return { root, target: { path, kind: 'in-place', staged, aside: join(root, '.aside'), ...rest } };
}

describe('a file that cannot be renamed', () => {
  it('becomes the new one, with its mode and time', async () => {
    const { root, target } = boundFile();
    const fresh = readTree(root)['.staged'];
    await swapInPlace(target);
    expect(readTree(root)['config.json']).toEqual(fresh);
  });

  it('is again what it was, with its mode and time, however often that is tried', async () => {
    const { root, target } = boundFile();
    const old = readTree(root)['config.json'];
    await swapInPlace(target);
    await unswapInPlace(target);
    await unswapInPlace(target);
    expect(readTree(root)['config.json']).toEqual(old);
    expect(readdirSync(root).sort()).toEqual(['.staged', 'config.json']);
  });
});
