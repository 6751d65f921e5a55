import { lstatSync, readdirSync, readFileSync, readlinkSync, type Stats } from 'node:fs';
import { sha256Of } from './tree';

/**
 * All that lies below a directory and the directory itself: content, names, modes, owners, times and which node it is. Equal before and after,
 * nothing was written there, not even something that was put back.
 */
export function everythingIn(root: string): Record<string, unknown> {
  return Object.fromEntries(
    ['', ...namesBelow(root, '')].map((name) => {
      const path = `${root}/${name}`;
      const stat = lstatSync(path);
      const { uid, gid, ino, nlink, mode, mtimeMs, ctimeMs, size } = stat;
      const content = quietly(() => contentOf(path, stat));
      return [name === '' ? '.' : name, { content, uid, gid, ino, nlink, mode, mtimeMs, ctimeMs, size }];
    }),
  );
}

const SMALL = 2 ** 20;

function contentOf(path: string, stat: Stats): string | null {
  if (stat.isSymbolicLink()) return readlinkSync(path);
  return stat.isFile() && stat.size <= SMALL ? sha256Of(readFileSync(path)) : null;
}

function namesBelow(root: string, prefix: string): string[] {
  const entries = quietly(() => readdirSync(`${root}/${prefix}`, { withFileTypes: true })) ?? [];
  return entries.flatMap((entry) => {
    const path = prefix + entry.name;
    return entry.isDirectory() ? [path, ...namesBelow(root, `${path}/`)] : [path];
  });
}

/** What may not be read is not compared. */
function quietly<T>(read: () => T): T | null {
  try {
    return read();
  } catch {
    return null;
  }
}
