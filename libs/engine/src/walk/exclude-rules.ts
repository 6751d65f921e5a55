import ignore, { type Ignore } from 'ignore';
import { DomainError, type ExclusionCount } from '@pawvault/contracts';

/**
 * What a backup leaves out unless it is told otherwise: things that are made again by themselves. Gitignore syntax, relative to the
 * root of a module (of each workspace, the skill pool, the secrets). docs/backup-contents.md explains each; a test keeps both equal.
 */
export const DEFAULT_EXCLUDE_RULES: readonly string[] = [
  'browser/**/Cache/',
  'browser/**/Code Cache/',
  'browser/**/GPUCache/',
  'browser/**/ShaderCache/',
  'browser/**/GrShaderCache/',
  'browser/**/GraphiteDawnCache/',
  'browser/**/DawnGraphiteCache/',
  'browser/**/DawnWebGPUCache/',
  'browser/**/component_crx_cache/',
  'browser/**/Singleton*',
  '__pycache__/',
  '*.tmp',
  '*.json.lock',
  '.*.lock',
  '.restore_tmp/',
  '.restore_old/',
  '.qwenpaw_restore_*',
  '.pawvault*',
];

/** Left out on top when the derived memory index is not wanted; the sentinels go with it, so that it is built again. */
export const FILE_STORE_RULES: readonly string[] = ['file_store/', '.reme_store_*'];

export interface ExcludeRules {
  /** The rule that leaves this path out, or null. Directories end in `/`. Paths are relative to the root of the module. */
  match(path: string): string | null;
}

/** As git does on Linux: `cache/` is another directory than `Cache/`, and may be somebody's work. */
const OPTIONS = { ignoreCase: false };

/**
 * Compiles rules in gitignore syntax. The last rule that matches decides; `!` takes paths back in.
 * @throws DomainError CONFIG_INVALID for a rule that cannot be understood
 */
export function compileExcludeRules(rules: readonly string[]): ExcludeRules {
  const compiled = rules.filter((rule) => rule.trim() !== '' && !rule.startsWith('#')).map(compileRule);
  if (compiled.length === 0) return { match: () => null };
  const all = ignore(OPTIONS).add(compiled.map(({ rule }) => rule));
  return {
    match(path) {
      if (!all.ignores(path)) return null;
      return compiled.findLast(({ matcher, negated }) => !negated && matcher.ignores(path))?.rule ?? null;
    },
  };
}

function compileRule(rule: string): { rule: string; matcher: Ignore; negated: boolean } {
  try {
    return { rule, matcher: ignore(OPTIONS).add(rule), negated: rule.startsWith('!') };
  } catch (error) {
    throw new DomainError(
      'CONFIG_INVALID',
      'PAWVAULT_EXCLUDE holds a rule that is no gitignore pattern',
      { rule },
      { cause: error },
    );
  }
}

/** Counts what rules left out, per rule. */
export class ExclusionTally {
  private readonly counts = new Map<string, ExclusionCount>();

  add(rule: string, files: number, bytes: number): void {
    const count = this.counts.get(rule) ?? { rule, files: 0, bytes: 0 };
    this.counts.set(rule, { rule, files: count.files + files, bytes: count.bytes + bytes });
  }

  list(): ExclusionCount[] {
    return [...this.counts.values()].sort((a, b) => b.bytes - a.bytes || a.rule.localeCompare(b.rule, 'en'));
  }
}
