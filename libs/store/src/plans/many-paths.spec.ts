import { tempDir } from '@pawvault/testing';
import { readPlanPaths, writePlanPaths } from '../index';
import { plannedPath } from '../spec-support/planned-paths';

const HASH = 'b2'.repeat(32);
const LONG = process.env['PAWVAULT_LONG_TESTS'] === '1';
const LINES = LONG ? 1_000_000 : 100_000;

/** What a page may take beyond what was there before, however long the list is. */
const MOST_BYTES = 96 * 1024 * 1024;

it(`a list of ${LINES} paths is read in little memory`, async () => {
  const backups = tempDir('plans');
  {
    const paths = Array.from({ length: LINES }, (_, n) =>
      plannedPath(`node_modules/package-${n % 1000}/lib/file-${n}.js`, { change: n % 10 === 0 ? 'removed' : 'added' }),
    );
    await writePlanPaths(backups, { planHash: HASH, paths, now: new Date() });
  }
  global.gc?.();
  const before = process.memoryUsage().rss;
  let most = 0;
  const timer = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 5);
  const first = await readPlanPaths(backups, HASH, { limit: 200, change: 'removed' });
  const found = await readPlanPaths(backups, HASH, { limit: 200, search: `FILE-${LINES - 1}.JS` });
  clearInterval(timer);
  expect(first.paths).toHaveLength(200);
  expect(first.counts).toEqual({ added: LINES * 0.9, changed: 0, removed: LINES / 10, carried: 0 });
  expect(found.paths.map(({ path }) => path)).toEqual([`node_modules/package-999/lib/file-${LINES - 1}.js`]);
  expect(most - before).toBeLessThan(MOST_BYTES);
}, 60_000);
