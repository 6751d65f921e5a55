import type { JobProgress } from '@pawvault/contracts';
import { PassThrough } from 'node:stream';
import { progressView } from './progress-view';

const at = (percent: number): JobProgress => ({
  phase: 'pack',
  percent,
  current: null,
  agents_done: 0,
  agents_total: 1,
  files_done: 0,
  files_total: 1,
  bytes_done: percent * 1000,
  bytes_total: 100_000,
  bytes_per_second: 2_000_000,
  eta_seconds: 0.2,
});

function linesAfter(act: (view: ReturnType<typeof progressView>) => void): string[] {
  const output = new PassThrough();
  act(progressView('Backup', output as unknown as NodeJS.WriteStream));
  return String(output.read() ?? '')
    .trimEnd()
    .split('\n');
}

describe('progressView without a terminal', () => {
  it('writes a line for each quarter and one for the end', () => {
    const lines = linesAfter((view) => {
      for (const percent of [0, 3, 24.9, 31, 33, 60, 61, 99.9]) view.update(at(percent));
      view.end({ done: true });
    });
    expect(lines).toEqual([
      '  Backup: 0 %, 0 B of 100.0 kB, 2.0 MB/s, 1 s left',
      '  Backup: 31 %, 31.0 kB of 100.0 kB, 2.0 MB/s, 1 s left',
      '  Backup: 60 %, 60.0 kB of 100.0 kB, 2.0 MB/s, 1 s left',
      '  Backup: 99 %, 99.9 kB of 100.0 kB, 2.0 MB/s, 1 s left',
      '  Backup: 100 %',
    ]);
  });

  it('never says 100 % of a job that failed', () => {
    const lines = linesAfter((view) => {
      view.update(at(50));
      view.update(at(100));
      view.end({ done: false });
    });
    expect(lines).toEqual(['  Backup: 50 %, 50.0 kB of 100.0 kB, 2.0 MB/s, 1 s left']);
  });
});
