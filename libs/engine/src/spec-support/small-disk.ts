import { execFileSync } from 'node:child_process';
import { canMount, skipped } from '@pawvault/testing';

const mounts: string[] = [];

afterEach(() => mounts.splice(0).forEach((path) => execFileSync('umount', ['-l', path])));

/** For tests that mount a file system. */
export const itMounts = canMount() ? it : skipped('needs the right to mount');

/** Makes an existing directory a file system of its own of so many MiB, until the end of the test. */
export function mountSmallDisk(path: string, mebibytes: number): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', path], { stdio: 'pipe' });
  mounts.push(path);
}

/** @param options as `mount` takes them, e.g. `size=12m` or `ro` */
export const remount = (path: string, options: string): void =>
  void execFileSync('mount', ['-o', `remount,${options}`, path]);
