import { execFileSync } from 'node:child_process';

const mounts: string[] = [];

afterEach(() => mounts.splice(0).forEach((path) => execFileSync('umount', ['-l', path])));

/**
 * Makes an existing directory a file system of its own of so many MiB, until the end of the test.
 * @returns false where this user may not mount one, which the output says
 */
export function mountSmallDisk(path: string, mebibytes: number): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', path], { stdio: 'pipe' });
  } catch {
    process.stderr.write('No permission to mount a small file system: this test of a bad disk proves nothing here\n');
    return false;
  }
  mounts.push(path);
  return true;
}

/** @param options as `mount` takes them, e.g. `size=12m` or `ro` */
export const remount = (path: string, options: string): void =>
  void execFileSync('mount', ['-o', `remount,${options}`, path]);
