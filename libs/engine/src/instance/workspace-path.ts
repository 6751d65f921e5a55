import { realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const LEGACY_ROOT = '.copaw';

/** As Python finds it. */
const home = (): string => process.env['HOME'] ?? homedir();

/**
 * Where a path of the registry or of an agent.json leads, as QwenPaw sees it: what begins with `~/.copaw`, or with the same place written out, is
 * in the working directory, whatever that is called by now; `~` is the home of this user. A relative path is relative to the working directory.
 */
export function expandPath(path: string, workingDir: string): string {
  const full = expandHome(fromLegacyRoot(path, workingDir));
  return full.startsWith('/') ? full : join(workingDir, full);
}

/** QwenPaw compares the beginning of the text, not components: `~/.copaw-old` becomes `<working>-old`. */
function fromLegacyRoot(path: string, workingDir: string): string {
  for (const root of [`~/${LEGACY_ROOT}`, legacyRoot()])
    if (path.startsWith(root)) return workingDir + path.slice(root.length);
  return path;
}

/** Links resolved, as far as the path exists. */
function legacyRoot(): string {
  const path = join(home(), LEGACY_ROOT);
  return resolved(path) ?? join(resolved(home()) ?? home(), LEGACY_ROOT);
}

function resolved(path: string): string | null {
  try {
    return realpathSync(path);
  } catch {
    return null;
  }
}

const expandHome = (path: string): string => (path === '~' || path.startsWith('~/') ? home() + path.slice(1) : path);
