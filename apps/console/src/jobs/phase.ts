import type { jobs } from '../i18n/en/jobs';

type PhaseName = Exclude<keyof typeof jobs.phase, 'backing_up_first'>;

export interface Phase {
  /** null: a phase that this version has no words for. */
  name: PhaseName | null;
  /** It belongs to the backup that a restore makes first. */
  first: boolean;
}

/** As the worker names them; see `JobProgress.phase`. */
const NAMES: ReadonlySet<string> = new Set<PhaseName>([
  'starting',
  'scanning',
  'packing',
  'copying',
  'verifying',
  'staging',
  'committing',
  'finishing',
]);
const FIRST = 'backing up first: ';

/** What a phase of a job means, so that it can be told in any language. */
export function phaseOf(text: string): Phase {
  const first = text.startsWith(FIRST);
  const name = first ? text.slice(FIRST.length) : text;
  return { name: NAMES.has(name) ? (name as PhaseName) : null, first };
}

/** Once a restore exchanges what is there, it is not stopped any more. */
export const isPastCancel = (phase: string): boolean => phase === 'committing' || phase === 'finishing';
