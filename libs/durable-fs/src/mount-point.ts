import { lstat, readFile, realpath } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * True when a path is a mount point of any kind, bind mounts included: it can be neither renamed nor replaced. Linux lists them in
 * /proc/self/mountinfo (proc(5), field 5, octal escapes); elsewhere a change of device beneath the parent tells most of them.
 */
export async function isMountPoint(path: string): Promise<boolean> {
  const real = await realpath(path);
  const table = await readFile('/proc/self/mountinfo', 'utf8').catch(() => null);
  if (table !== null) return table.split('\n').some((line) => unescapeOctal(line.split(' ')[4] ?? '') === real);
  const [own, parent] = await Promise.all([lstat(real), lstat(dirname(real))]);
  return own.dev !== parent.dev;
}

const unescapeOctal = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
