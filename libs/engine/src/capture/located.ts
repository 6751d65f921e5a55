import { constants } from 'node:fs';
import { type HeldDirectory, type HeldRef, holdListed, type Identity, openIn } from '@pawvault/durable-fs';

/** A directory as the walk has listed it. Plain data, which crosses thread borders; files of one directory share one object. */
export interface Place extends Identity {
  /** Open until the source is packed. */
  root: HeldRef;
  /** Components joined by `/`, without one at either end; empty for the root itself. */
  relative: string;
}

/** Where a file lies: its name in the very directory that was listed, wherever the path of that directory leads by now. */
export interface Located {
  place: Place;
  /** One component. */
  base: string;
}

export const locationOf = ({ place, base }: Located): Located => ({ place, base });

/** For messages only; nothing is opened by it. */
export const pathOf = ({ place, base }: Located): string =>
  [place.root.path === '/' ? '' : place.root.path, place.relative, base]
    .filter((part, i) => i === 0 || part !== '')
    .join('/');

/** Opens listed directories. The last one stays open while its files follow each other. */
export class ListedDirectories {
  private last: { place: Place; held: HeldDirectory } | null = null;

  /** @throws NotTheSameDirectory and the errors of open(2) when the directory is not where it was, or something else is there */
  hold(place: Place): HeldDirectory {
    if (this.last?.place === place) return this.last.held;
    this.close();
    const held = holdListed(place.root, place.relative, place);
    this.last = { place, held };
    return held;
  }

  close(): void {
    this.last?.held.close();
    this.last = null;
  }
}

/** O_NOFOLLOW: what was a file when it was listed must not lead elsewhere now; O_NONBLOCK: a fifo must not hang the thread. */
export const OPEN_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** @returns a descriptor, to be closed by the caller; whether it is of a regular file is not decided here */
export const openFile = (directory: HeldDirectory, base: string): number => openIn(directory, base, OPEN_FLAGS);

/** Opens one file and nothing else of its directory. */
export function openLocated(file: Located): number {
  const directories = new ListedDirectories();
  try {
    return openFile(directories.hold(file.place), file.base);
  } finally {
    directories.close();
  }
}
