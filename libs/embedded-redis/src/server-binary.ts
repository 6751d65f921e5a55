import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

export interface ServerBinary {
  kind: 'redis-server' | 'valkey-server';
  path: string;
}

/** The first server program on a search path in the form of PATH, or null. */
export function findServerBinary(searchPath: string): ServerBinary | null {
  for (const kind of ['redis-server', 'valkey-server'] as const) {
    const path = findProgram(kind, searchPath);
    if (path !== null) return { kind, path };
  }
  return null;
}

/** The absolute path of a program, or null. */
export function findProgram(name: string, searchPath: string): string | null {
  const places = searchPath.split(delimiter).filter((directory) => directory !== '');
  return places.map((directory) => join(directory, name)).find(isProgram) ?? null;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
