import type { ExcludeRules } from './exclude-rules';

/**
 * Rules that let through single paths of a module, and the directories above them, whatever the rules say.
 * @param prefix entry name of the root of the module, with a trailing slash
 * @param names entry names of files
 */
export function lettingThrough(rules: ExcludeRules, prefix: string, names: ReadonlySet<string>): ExcludeRules {
  const open = new Set<string>();
  for (const name of names) if (name.startsWith(prefix)) addWithDirectories(open, name.slice(prefix.length));
  return open.size === 0 ? rules : { match: (path) => (open.has(path) ? null : rules.match(path)) };
}

/** Directories as rules see them: with a trailing slash. */
function addWithDirectories(open: Set<string>, path: string): void {
  open.add(path);
  for (let slash = path.indexOf('/'); slash !== -1; slash = path.indexOf('/', slash + 1))
    open.add(path.slice(0, slash + 1));
}
