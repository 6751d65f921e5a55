import type { Stats } from 'node:fs';
import { type ArchiveLimits, nameProblem } from '@pawvault/archive';
import type { OmissionReason } from '@pawvault/contracts';
import type { ExcludeRules } from './exclude-rules';

export interface LeaveOutOptions {
  /** Entry name of the root of the module, with a trailing slash. */
  prefix: string;
  rules: ExcludeRules;
  limits: Pick<ArchiveLimits, 'maxPathBytes' | 'maxDepth'>;
}

/** Why a path is not in a backup: an exclude rule, or an omission that the manifest names. */
export type LeftOut = { by: 'rule'; rule: string } | { by: 'omission'; reason: OmissionReason; detail?: string };

type Kind = Pick<Stats, 'isDirectory' | 'isFile' | 'isSymbolicLink' | 'isSocket' | 'isFIFO'>;

/**
 * Why a backup would leave a live path out, as far as its name and kind tell, or null when it takes it. What only an access tells (a file
 * that cannot be read, a link whose target is not UTF-8) and what lies elsewhere (mounts, the places of other modules) is not decided here.
 * A directory that is left out takes everything below it along.
 * @param relative path within the module, directories with a trailing slash; as bytes where it is not valid UTF-8
 * @param stat of the path itself, links not followed
 */
export function leaveOutReason(relative: string | Buffer, stat: Kind, options: LeaveOutOptions): LeftOut | null {
  if (typeof relative !== 'string') return omission('name_not_representable', 'it is not valid UTF-8');
  const rule = options.rules.match(relative);
  if (rule !== null) return { by: 'rule', rule };
  const problem = nameProblem(`${options.prefix}${relative}`, options.limits);
  if (problem !== null) return omission(problem === 'ARCHIVE_LIMIT_EXCEEDED' ? 'too_deep' : 'name_not_representable');
  if (stat.isDirectory() || stat.isFile() || stat.isSymbolicLink()) return null;
  return omission('special_file', specialKind(stat));
}

function specialKind(stat: Kind): string {
  if (stat.isSocket()) return 'socket';
  return stat.isFIFO() ? 'fifo' : 'device';
}

const omission = (reason: OmissionReason, detail?: string): LeftOut => ({
  by: 'omission',
  reason,
  ...(detail === undefined ? {} : { detail }),
});
