import { basename } from 'node:path';
import { parentPath } from '@pawvault/durable-fs';

const MARK = '.kept-by-restore';
const MARKED = /^(.+)\.kept-by-restore(?:-\d+)?$/s;
const MAX_NAME_BYTES = 255;

/** The path that something had before a restore kept it beside its place; null for any other. */
export function formerPath(path: string): string | null {
  const former = path
    .split('/')
    .map((name) => MARKED.exec(name)?.[1] ?? name)
    .join('/');
  return former === path ? null : former;
}

/** Names for what has to go beside its place, because the archive has something else there. Each place is given one name. */
export class FreeNames {
  private readonly given = new Map<string, string>();

  constructor(private readonly isTaken: (path: string) => boolean) {}

  /** @returns a path in the same directory that nothing else has, which says why it is there */
  beside(path: string): string {
    const known = this.given.get(path);
    if (known !== undefined) return known;
    const parent = parentPath(path);
    const taken = new Set(this.given.values());
    for (let n = 1; ; n++) {
      const suffix = n === 1 ? MARK : `${MARK}-${n}`;
      const name = cut(basename(path), MAX_NAME_BYTES - suffix.length) + suffix;
      const candidate = parent === '' ? name : `${parent}/${name}`;
      if (this.isTaken(candidate) || taken.has(candidate)) continue;
      this.given.set(path, candidate);
      return candidate;
    }
  }
}

/** The beginning of a name, whole characters only. */
function cut(name: string, bytes: number): string {
  let kept = '';
  for (const character of name) {
    if (Buffer.byteLength(kept + character) > bytes) break;
    kept += character;
  }
  return kept;
}
