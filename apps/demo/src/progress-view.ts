import type { JobProgress } from '@pawvault/contracts';
import { Presets, SingleBar } from 'cli-progress';
import { byteCount } from './byte-count';

export interface ProgressView {
  update: (progress: JobProgress) => void;
  /** Leaves the last line as it is; `done` fills it up. */
  end: (outcome: { done: boolean }) => void;
}

/** A bar on a terminal; elsewhere a line whenever another quarter is done. */
export const progressView = (label: string, output: NodeJS.WriteStream): ProgressView =>
  output.isTTY ? bar(label, output) : lines(label, output);

function bar(label: string, output: NodeJS.WriteStream): ProgressView {
  const view = new SingleBar(
    {
      format: `  ${label.padEnd(10)} {bar} {percentage} %  {details}`,
      stream: output,
      barsize: 30,
      hideCursor: true,
      clearOnComplete: false,
      stopOnComplete: false,
      noTTYOutput: false,
    },
    Presets.shades_classic,
  );
  view.start(100, 0, { details: '' });
  return {
    update: (progress) => view.update(progress.percent, { details: details(progress) }),
    end: ({ done }) => {
      if (done) view.update(100);
      view.stop();
    },
  };
}

const STEP = 25;

function lines(label: string, output: NodeJS.WriteStream): ProgressView {
  let next = 0;
  const print = (percent: number, rest: string): void => void output.write(`  ${label}: ${percent} %${rest}\n`);
  return {
    update: (progress) => {
      const percent = Math.floor(progress.percent);
      if (percent < next || percent >= 100) return;
      print(percent, `, ${details(progress)}`);
      next = (Math.floor(percent / STEP) + 1) * STEP;
    },
    end: ({ done }) => {
      if (done) print(100, '');
    },
  };
}

function details({ phase, bytes_done, bytes_total, bytes_per_second, eta_seconds }: JobProgress): string {
  if (bytes_total === 0) return phase;
  const amount = `${byteCount(bytes_done)} of ${byteCount(bytes_total)}`;
  const speed = bytes_per_second > 0 ? `, ${byteCount(bytes_per_second)}/s` : '';
  return amount + speed + (eta_seconds === null ? '' : `, ${Math.ceil(eta_seconds)} s left`);
}
