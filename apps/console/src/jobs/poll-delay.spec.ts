import { hasEnded, pollDelay } from './poll-delay';

describe('asking for a job', () => {
  it('goes on while it may change', () => {
    expect(pollDelay({ state: null, failures: 0 })).toBe(1000);
    expect(pollDelay({ state: 'queued', failures: 0 })).toBe(2000);
    expect(pollDelay({ state: 'running', failures: 0 })).toBe(1000);
  });

  it.each(['completed', 'failed', 'cancelled'] as const)('ends with the job when it is %s', (state) => {
    expect(hasEnded(state)).toBe(true);
    expect(pollDelay({ state, failures: 0 })).toBe(false);
  });

  it('waits longer with every question that is not answered, up to a bound', () => {
    const delays = [1, 2, 3, 4, 5, 6, 2000].map((failures) => pollDelay({ state: 'running', failures }));
    expect(delays).toEqual([1000, 2000, 4000, 8000, 15_000, 15_000, 15_000]);
  });
});
