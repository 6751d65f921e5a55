import { basename, dirname } from 'node:path';
import { type HeldDirectory, holdDirectory, refTo } from '@pawvault/durable-fs';
import { type Located, openLocated } from '../capture/located';
import type { Readable } from '../capture/stable-read';

const held: HeldDirectory[] = [];

afterAll(() => held.splice(0).forEach((directory) => directory.close()));

/** A file as the walk of its directory would list it. */
export function located(path: string): Located {
  const directory = holdDirectory(dirname(path));
  held.push(directory);
  const root = refTo(directory);
  return { place: { root, relative: '', dev: root.dev, ino: root.ino }, base: basename(path) };
}

export function fileAt(path: string): Readable {
  const at = located(path);
  return { name: at.base, open: () => openLocated(at) };
}
