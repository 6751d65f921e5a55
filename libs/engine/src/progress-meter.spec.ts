import fc from 'fast-check';
import type { JobProgress } from '@pawvault/contracts';
import { ProgressMeter, type Totals } from './progress-meter';

/** A meter whose clock stands still until it is told to move. */
function metered(totals: Totals): { meter: ProgressMeter; reports: JobProgress[]; pass: (ms: number) => void } {
  const reports: JobProgress[] = [];
  let now = 0;
  const meter = new ProgressMeter(
    totals,
    (progress) => reports.push(progress),
    () => now,
  );
  return { meter, reports, pass: (ms) => (now += ms) };
}

describe('the percentage', () => {
  it('follows bytes, not files', () => {
    const { meter, reports } = metered({ bytes: 1000, files: 2, agents: 0 });
    meter.add({ bytes: 10, files: 1 });
    meter.add({ bytes: 490, files: 0 });
    expect(reports.map(({ percent }) => percent)).toEqual([1, 50]);
  });

  it('follows files where there are no bytes', () => {
    const { meter, reports } = metered({ bytes: 0, files: 4, agents: 0 });
    meter.add({ bytes: 0, files: 1 });
    expect(reports.at(-1)?.percent).toBe(25);
  });

  it('never falls and never is 100, whatever the instance does meanwhile', () => {
    const step = fc.record({ bytes: fc.nat(10_000), files: fc.nat(5), wait: fc.nat(1_000) });
    const property = fc.property(
      fc.nat(20_000),
      fc.nat(10),
      fc.array(step, { maxLength: 40 }),
      (bytes, files, steps) => {
        const { meter, reports, pass } = metered({ bytes, files, agents: 1 });
        for (const { wait, ...done } of steps) {
          pass(wait);
          meter.add(done);
        }
        meter.enter('finishing');
        const percents = reports.map(({ percent }) => percent);
        expect(percents).toEqual([...percents].sort((a, b) => a - b));
        for (const report of reports) {
          expect(report.percent).toBeGreaterThanOrEqual(0);
          expect(report.percent).toBeLessThan(100);
          expect(report.bytes_done).toBeLessThanOrEqual(report.bytes_total);
          expect(report.files_done).toBeLessThanOrEqual(report.files_total);
          expect(report.eta_seconds ?? 0).toBeGreaterThanOrEqual(0);
        }
      },
    );
    fc.assert(property);
  });
});

it('speed and remaining time settle on what is measured', () => {
  const { meter, reports, pass } = metered({ bytes: 100_000, files: 1, agents: 0 });
  expect(meter.snapshot('scanning')).toMatchObject({ phase: 'scanning', bytes_per_second: 0, eta_seconds: null });
  for (let second = 0; second < 60; second++) {
    pass(1_000);
    meter.add({ bytes: 1_000, files: 0 });
  }
  expect(reports.at(-1)).toMatchObject({ bytes_per_second: 1_000, eta_seconds: 40 });
  for (let second = 0; second < 30; second++) {
    pass(1_000);
    meter.add({ bytes: 100, files: 0 });
  }
  expect(reports.at(-1)?.bytes_per_second).toBeLessThan(150);
});

it('agents are counted up to their number, and the phase says what is going on', () => {
  const { meter, reports } = metered({ bytes: 10, files: 1, agents: 1 });
  meter.enter('packing', 'default');
  meter.agentDone();
  meter.agentDone();
  meter.enter('finishing', null);
  expect(reports.map(({ phase, current, agents_done }) => [phase, current, agents_done])).toEqual([
    ['packing', 'default', 0],
    ['packing', 'default', 1],
    ['packing', 'default', 1],
    ['finishing', null, 1],
  ]);
});
