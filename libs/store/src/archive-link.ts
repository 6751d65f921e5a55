import type { Stats } from 'node:fs';
import { lstat, readlink, realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { errnoOf } from '@pawvault/durable-fs';

/** What a symbolic link leads to, by a path whose last component is no link. */
export interface LinkedFile {
  path: string;
  stat: Stats;
}

/** As many as Linux follows itself. */
const MAX_LINKS = 40;

/**
 * Follows a symbolic link to an archive, e.g. on a network drive. It is followed only if it leads to a regular file, and if each link on the way
 * was made by the user that this process runs as, by root, or by the owner of that file: everything else could be the work of a user who cannot
 * read the file, and would make PawVault read it for them.
 * @returns null where it is not followed
 */
export async function followLink(path: string, link: Stats): Promise<LinkedFile | null> {
  const makers = new Set([link.uid]);
  try {
    let at = await targetOf(path);
    for (let count = 1; count < MAX_LINKS; count += 1) {
      const stat = await lstat(at);
      if (!stat.isSymbolicLink())
        return stat.isFile() && areTrusted(makers, stat) ? { path: await canonical(at), stat } : null;
      makers.add(stat.uid);
      at = await targetOf(at);
    }
    return null;
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return null;
  }
}

/** `..` in the target counts from where the link really lies. */
const targetOf = async (link: string): Promise<string> => resolve(await realpath(dirname(link)), await readlink(link));

const canonical = async (path: string): Promise<string> => join(await realpath(dirname(path)), basename(path));

function areTrusted(makers: ReadonlySet<number>, { uid }: Stats): boolean {
  const trusted = new Set([0, uid, process.geteuid?.() ?? uid]);
  return [...makers].every((maker) => trusted.has(maker));
}
