import { chmodSync, readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { readTree, tempDir, writeTree } from '@pawvault/testing';
import { swapInPlace, unswapInPlace } from './in-place-swap';
import { type HeldDirectory, holdDirectory } from './held-directory';
import type { OpenTarget } from './open-target';

const held: HeldDirectory[] = [];
afterEach(() => held.splice(0).forEach((directory) => directory.close()));

function boundFile(): { root: string; open: OpenTarget; work: HeldDirectory } {
  const root = tempDir();
  writeTree(root, { 'config.json': 'the old, which is longer', 'work/new': 'the new' });
  const path = join(root, 'config.json');
  const staged = join(root, 'work/new');
  chmodSync(path, 0o640);
  utimesSync(path, 1_600_000_000, 1_600_000_000);
  chmodSync(staged, 0o600);
  utimesSync(staged, 1_700_000_000, 1_700_000_000);
  const [area, work] = [holdDirectory(root), holdDirectory(join(root, 'work'))];
  held.push(area, work);
  const rest = { existed: true, carry: [], fixed: [], before: [], after: [], made_parents: [] };
  const target = { path, kind: 'in-place' as const, staged, aside: join(root, 'work/old'), ...rest };
  return { root, open: { target, area, work, fresh: null, former: null }, work };
}

describe('a file that cannot be renamed', () => {
  it('becomes the new one, with its mode and time', async () => {
    const { root, open, work } = boundFile();
    const fresh = readTree(root)['work/new'];
    await swapInPlace(open, work);
    expect(readTree(root)['config.json']).toEqual(fresh);
  });

  it('is again what it was, with its mode and time, however often that is tried', async () => {
    const { root, open, work } = boundFile();
    const old = readTree(root)['config.json'];
    await swapInPlace(open, work);
    await unswapInPlace(open, work);
    await unswapInPlace(open, work);
    expect(readTree(root)['config.json']).toEqual(old);
    expect(readdirSync(root).sort()).toEqual(['config.json', 'work']);
  });
});
