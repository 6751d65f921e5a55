import { DomainError } from '@pawvault/contracts';
import { existsSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { readText } from './variables';
import type { VariableName } from './variables';

/** Where an instance is. All absolute. */
export interface Directories {
  workingDir: string;
  secretDir: string;
  backupDir: string;
  configFile: string;
}

/** What the resolution asks of the machine; injected so that it stays a pure function of its arguments. */
export interface Surroundings {
  home: string;
  cwd: string;
  exists: (path: string) => boolean;
  /** Resolves symbolic links; throws when the path does not exist. */
  realpath: (path: string) => string;
}

export const surroundings = (env: NodeJS.ProcessEnv): Surroundings => ({
  home: env['HOME'] || homedir(),
  cwd: process.cwd(),
  exists: existsSync,
  realpath: (path) => realpathSync(path),
});

/**
 * Finds the directories the way QwenPaw does: expand `~`, make absolute, resolve symbolic links, and only then derive
 * the neighbours, so that `~/.qwenpaw -> /data/paw` has its secrets in `/data/paw.secret`.
 * @throws DomainError CONFIG_INVALID for `~user`, which Node cannot look up
 */
export function resolveDirectories(env: NodeJS.ProcessEnv, around: Surroundings = surroundings(env)): Directories {
  const place = (name: VariableName, otherwise: string): string => {
    const text = readText(env, name)?.trim();
    return canonical(text === undefined ? otherwise : expand(name, text, around), around);
  };
  const workingDir = place('QWENPAW_WORKING_DIR', defaultWorkingDir(around));
  return {
    workingDir,
    secretDir: place('QWENPAW_SECRET_DIR', `${workingDir}.secret`),
    backupDir: place('QWENPAW_BACKUP_DIR', `${workingDir}.backups`),
    // A link here stays a link: the file is replaced by name, within the working directory.
    configFile: resolve(workingDir, readText(env, 'QWENPAW_CONFIG_FILE')?.trim() ?? 'config.json'),
  };
}

/** `$XDG_STATE_HOME/pawvault`; a relative XDG_STATE_HOME is ignored, as its specification demands. */
export function resolveStateDir(env: NodeJS.ProcessEnv, around: Surroundings = surroundings(env)): string {
  const own = readText(env, 'PAWVAULT_STATE_DIR')?.trim();
  if (own !== undefined) return expand('PAWVAULT_STATE_DIR', own, around);
  const xdg = env['XDG_STATE_HOME'];
  return xdg !== undefined && isAbsolute(xdg)
    ? join(xdg, 'pawvault')
    : join(around.home, '.local', 'state', 'pawvault');
}

function defaultWorkingDir({ home, exists }: Surroundings): string {
  const old = join(home, '.copaw');
  return exists(old) ? old : join(home, '.qwenpaw');
}

function expand(name: VariableName, text: string, { home, cwd }: Surroundings): string {
  if (text === '~' || text.startsWith('~/')) return resolve(home, text.slice(2));
  if (!text.startsWith('~')) return resolve(cwd, text);
  throw new DomainError('CONFIG_INVALID', `${name} must not use another user's home (~user); write the full path`, {
    keys: [name],
  });
}

/** Resolves links in the part of the path that exists; the rest is taken as it is written. */
function canonical(path: string, around: Surroundings): string {
  try {
    return around.realpath(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(canonical(parent, around), basename(path));
  }
}
