import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { tempDir } from '@pawvault/testing';

const mounted: string[] = [];

afterEach(() => mounted.splice(0).forEach((path) => execFileSync('umount', ['-l', path])));

/** Mounts on a directory, which is made, until the end of the test. @param options as `mount` takes them before the directory */
export function mount(path: string, ...options: string[]): void {
  mkdirSync(path, { recursive: true });
  execFileSync('mount', [...options, path], { stdio: 'pipe' });
  mounted.unshift(path);
}

/** Whether this user may mount file systems. */
export const canMount = tryMount();

function tryMount(): boolean {
  const path = tempDir('mount');
  try {
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', path], { stdio: 'pipe' });
    execFileSync('umount', [path]);
    return true;
  } catch {
    return false;
  }
}
