import { lstat, readFile, realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import { nameFromBytes } from './raw-name';

/**
 * True when a path is a mount point of any kind, bind mounts included: it can be neither renamed nor replaced. Where the system lists no
 * mounts, a change of device beneath the parent tells most of them.
 */
export async function isMountPoint(path: string): Promise<boolean> {
  const real = await realpath(path);
  const mounts = await listMountPoints();
  if (mounts !== null) return mounts.includes(real);
  const [own, parent] = await Promise.all([lstat(real), lstat(dirname(real))]);
  return own.dev !== parent.dev;
}

/**
 * The mount points strictly below a directory, bind mounts of the same device included, sorted, each once. A mount that another one has
 * hidden is listed as well. Empty where the system does not list mounts: there only a change of device tells them.
 * @param realPath absolute and free of symbolic links
 */
export async function mountPointsBelow(realPath: string): Promise<string[]> {
  const prefix = realPath.endsWith('/') ? realPath : `${realPath}/`;
  const mounts = (await listMountPoints()) ?? [];
  return [...new Set(mounts.filter((mount) => mount.startsWith(prefix) && mount !== prefix))].sort();
}

/** Linux lists them in /proc/self/mountinfo (proc(5), field 5, octal escapes). @returns null on other systems */
async function listMountPoints(): Promise<string[] | null> {
  const table = await readFile('/proc/self/mountinfo', 'latin1').catch(() => null);
  return table?.split('\n').map((line) => unescapeOctal(line.split(' ')[4] ?? '')) ?? null;
}

/** Names need not be UTF-8. */
function unescapeOctal(text: string): string {
  const bytes = text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
  return nameFromBytes(Buffer.from(bytes, 'latin1'));
}
