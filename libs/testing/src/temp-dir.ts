import { chmodSync, lstatSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const created: string[] = [];

/**
 * A new empty directory, without symbolic links in its path. Under jest it is removed with all that is in it after the last
 * test of the file, when no server of the test writes to it any more; elsewhere the caller removes it.
 */
export function tempDir(label = 'test'): string {
  const directory = mkdtempSync(join(realpathSync(tmpdir()), `pawvault-${label}-`));
  created.push(directory);
  return directory;
}

/** Removes a tree whose directories may forbid it, as those of a test often do. */
export function removeTestTree(root: string): void {
  unlockDirectories(root);
  rmSync(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
}

function unlockDirectories(path: string): void {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (!stat?.isDirectory()) return;
  if ((stat.mode & 0o700) !== 0o700) chmodSync(path, 0o700);
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory()) unlockDirectories(join(path, entry.name));
  }
}

if (typeof afterAll === 'function') {
  afterAll(() => {
    for (const directory of created.splice(0)) removeTestTree(directory);
  });
}
