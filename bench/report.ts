import { availableParallelism, cpus, totalmem } from 'node:os';
import type { Measure } from './timed-command';

/** One contestant's runs of the same work. The first of a table is the one that the others are measured by. */
export interface Row {
  name: string;
  runs: Measure[];
}

/** A Markdown table of medians. `ratio` says how many times as long as the row named `reference` it took. */
export function table(title: string, rows: Row[], reference: string): string {
  const yardstick = rows.find(({ name }) => name === reference);
  const cells = rows.map((row) => [
    row.name,
    secondsOf(row).toFixed(2),
    spread(row),
    yardstick ? `${(secondsOf(yardstick) / secondsOf(row)).toFixed(2)}×` : '',
    sizeOf(row),
    peaksOf(row),
  ]);
  const head = [title, 'median s', 'all runs', `speed, ${reference} = 1`, 'archive', 'peak memory'];
  const lines = [head, head.map(() => '---'), ...cells].map((columns) => `| ${columns.join(' | ')} |`);
  return lines.join('\n');
}

export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

export const machine = (): string =>
  `${availableParallelism()} cores (${cpus()[0]?.model ?? 'unknown'}), ${megabytes(totalmem())} memory, ${process.platform} ${process.arch}, Node ${process.version}`;

export const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;

const secondsOf = ({ runs }: Row): number => median(runs.map(({ seconds }) => seconds));
const spread = ({ runs }: Row): string => runs.map(({ seconds }) => seconds.toFixed(2)).join(' ');

function sizeOf({ runs }: Row): string {
  const size = runs[0]?.size ?? null;
  return size === null ? '' : megabytes(size);
}

/** The worst of all runs. */
function peaksOf({ runs }: Row): string {
  const names = Object.keys(runs[0]?.peaks ?? {});
  const worst = (name: string): number => Math.max(...runs.map(({ peaks }) => peaks[name] ?? 0));
  return names.map((name) => (names.length > 1 ? `${name} ` : '') + megabytes(worst(name))).join(', ');
}
