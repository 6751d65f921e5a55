import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';

const mounted: string[] = [];

afterEach(() => mounted.splice(0).forEach((path) => execFileSync('umount', ['-l', path])));

/** Mounts on a directory, which is made, until the end of the test. @param options as `mount` takes them before the directory */
export function mount(path: string, ...options: string[]): void {
  mkdirSync(path, { recursive: true });
  execFileSync('mount', [...options, path], { stdio: 'pipe' });
  mounted.unshift(path);
}
