import type { BackupDetail, ModuleStats, Omission, VerifyResult } from '@pawvault/contracts';
import { byteCount } from './byte-count';
import type { FinishedJob } from './follow-job';

const MODULES = { global_config: 'Global settings', skill_pool: 'Skill pool', secrets: 'Secrets' } as const;

/** What a backup holds, what it leaves out, and where it is. */
export function backupReport(detail: BackupDetail, job: FinishedJob<'backup.create'>, path: string): string {
  const { files, bytes, size, duration_ms } = job.result;
  return [
    `  ${detail.id}`,
    `  ${byteCount(bytes)} in ${files} files became ${byteCount(size)}, in ${seconds(duration_ms)}`,
    ...section('Agents', agentLines(detail)),
    ...section('Also inside', moduleLines(detail)),
    ...section('Left out by the exclude rules', exclusionLines(detail)),
    ...section('Could not be taken', (detail.omissions ?? []).map(omissionLine)),
    ...section(
      'Warnings',
      job.warnings.map(({ code, message }) => `${code}: ${message}`),
    ),
    '',
    `  Archive: ${path}`,
  ].join('\n');
}

export const verifyReport = ({ state, entries, bytes, trust, problem_count, duration_ms }: VerifyResult): string =>
  state === 'ok'
    ? `  Sound: ${entries} entries, ${byteCount(bytes)}, signature ${trust}, in ${seconds(duration_ms)}`
    : `  DAMAGED: ${problem_count} problems in ${entries} entries`;

const section = (title: string, lines: string[]): string[] =>
  lines.length === 0 ? [] : ['', `  ${title}`, ...lines.map((line) => `    ${line}`)];

const agentLines = ({ agents }: BackupDetail): string[] =>
  Object.entries(agents).map(([id, { name, ...stats }]) => `${amount(stats)}  ${id}${name === id ? '' : ` (${name})`}`);

const moduleLines = ({ modules }: BackupDetail): string[] =>
  Object.entries(MODULES).flatMap(([key, title]) => {
    const stats = modules[key as keyof typeof MODULES];
    return stats ? [`${amount(stats)}  ${title}`] : [];
  });

const exclusionLines = ({ exclusions }: BackupDetail): string[] =>
  (exclusions ?? []).map(({ rule, ...stats }) => `${amount(stats)}  ${rule}`);

const omissionLine = ({ path, reason, detail }: Omission): string =>
  `${path}: ${reason.replaceAll('_', ' ')}${detail === undefined ? '' : ` (${detail})`}`;

const amount = ({ files, bytes }: ModuleStats): string =>
  `${String(files).padStart(4)} ${files === 1 ? 'file ' : 'files'} ${byteCount(bytes).padStart(9)}`;

const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`;
