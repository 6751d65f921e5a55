import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { canMount, skipped, tempDir } from '@pawvault/testing';
import { isMountPoint, mountPointsBelow } from './mount-point';

const mounted: string[] = [];

afterEach(() => mounted.splice(0).forEach((path) => execFileSync('umount', ['-l', path])));

function mount(path: string, ...options: string[]): string {
  mkdirSync(path, { recursive: true });
  execFileSync('mount', [...options, path], { stdio: 'pipe' });
  mounted.unshift(path);
  return path;
}

const tmpfs = (path: string): string => mount(path, '-t', 'tmpfs', '-o', 'size=1m', 'tmpfs');

const itMounts = canMount() ? it : skipped('needs the right to mount');

describe('mountPointsBelow', () => {
  it('finds none where nothing is mounted', async () => {
    expect(await mountPointsBelow(tempDir('plain'))).toEqual([]);
    await expect(isMountPoint(tempDir('plain'))).resolves.toBe(false);
  });

  itMounts('lists file systems and bind mounts below, not the directory itself, nor its neighbours', async () => {
    const root = tmpfs(join(tempDir('mounts'), 'root'));
    tmpfs(`${root}-neighbour`);
    const share = tmpfs(join(root, 'media', 'a share\twith blanks'));
    mkdirSync(join(root, 'source'));
    const bind = mount(join(root, 'bind'), '--bind', join(root, 'source'));
    expect(await mountPointsBelow(root)).toEqual([bind, share].sort());
    await expect(isMountPoint(bind)).resolves.toBe(true);
    await expect(isMountPoint(join(root, 'source'))).resolves.toBe(false);
  });
});
