import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { PlannedPath } from '@pawvault/contracts';
import { failNthCall, forEachFailure, tempDir } from '@pawvault/testing';
import { type PlanPathQuery, readPlanPaths, removeOldPlans, writePlanPaths } from '../index';
import { plannedPath } from '../spec-support/planned-paths';
import { MOST_PLANS, PLAN_AGE_MS } from './forget-old-plans';

const HASH = 'a1'.repeat(32);
const NOW = new Date();
const hashOf = (n: number): string => n.toString(16).padStart(64, '0');
const plansOf = (backups: string): string => join(backups, '.pawvault', 'plans');
const listOf = (backups: string, hash = HASH): string => join(plansOf(backups), `${hash}.ndjson`);

const PATHS: PlannedPath[] = [
  plannedPath('AGENTS.md', { change: 'changed' }),
  plannedPath('memory/Ｎotes.md'),
  plannedPath('memory/old.md', { change: 'removed' }),
  plannedPath('notes.tmp', { change: 'carried', reason: 'excluded', detail: '*.tmp' }),
  plannedPath('a "quoted"\nname\\\u{1F431}.md', { agent: 'writer', change: 'removed' }),
  plannedPath('NOTES.md', { agent: 'writer', change: 'carried', reason: 'place', kept_as: 'NOTES.md.kept' }),
  plannedPath('config.json', { module: 'global_config', agent: null, change: 'changed' }),
  plannedPath('weather/SKILL.md', { module: 'skill_pool', agent: null }),
];

async function kept(paths: readonly PlannedPath[] = PATHS): Promise<string> {
  const backups = tempDir('plans');
  await writePlanPaths(backups, { planHash: HASH, paths, now: NOW });
  return backups;
}

/** Page after page to the end. */
async function everyPage(backups: string, query: PlanPathQuery) {
  const pages = [];
  for (let after = query.after, next = true; next;) {
    const page = await readPlanPaths(backups, HASH, { ...query, after });
    pages.push(page);
    after = page.next ?? undefined;
    next = page.next !== null;
  }
  return pages;
}

const names = (paths: readonly PlannedPath[]): string[] => paths.map(({ path }) => path);

describe('the list of a plan', () => {
  it('is a file with one path a line, which only its owner reads', async () => {
    const backups = await kept();
    const lines = readFileSync(listOf(backups), 'utf8').trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(PATHS);
    expect(readdirSync(plansOf(backups))).toEqual([`${HASH}.ndjson`]);
    expect(statSync(listOf(backups)).mode & 0o777).toBe(0o600);
    expect(statSync(plansOf(backups)).mode & 0o777).toBe(0o700);
  });

  it('is read as it was written, with the counts of each change', async () => {
    const page = await readPlanPaths(await kept(), HASH, { limit: 100 });
    expect(page).toEqual({ paths: PATHS, next: null, counts: { added: 2, changed: 2, removed: 2, carried: 2 } });
  });

  it('may be empty', async () => {
    const counts = { added: 0, changed: 0, removed: 0, carried: 0 };
    expect(await readPlanPaths(await kept([]), HASH, { limit: 1 })).toEqual({ paths: [], next: null, counts });
  });

  it.each([1, 2, 3, 7, 8, 9])('comes in pages of %i, each with the counts of all', async (limit) => {
    const pages = await everyPage(await kept(), { limit });
    expect(pages).toHaveLength(Math.ceil(PATHS.length / limit));
    expect(pages.flatMap(({ paths }) => paths)).toEqual(PATHS);
    for (const { counts } of pages) expect(counts).toEqual({ added: 2, changed: 2, removed: 2, carried: 2 });
  });

  it.each<[string, Partial<PlanPathQuery>, string[], object]>([
    ['a change', { change: 'changed' }, ['AGENTS.md', 'config.json'], { added: 2, changed: 2, removed: 2, carried: 2 }],
    ['a module', { module: 'skill_pool' }, ['weather/SKILL.md'], { added: 1, changed: 0, removed: 0, carried: 0 }],
    [
      'an agent',
      { agent: 'writer' },
      ['a "quoted"\nname\\\u{1F431}.md', 'NOTES.md'],
      { added: 0, changed: 0, removed: 1, carried: 1 },
    ],
    [
      'part of the path, in any case and width',
      { search: 'nOtEs' },
      ['memory/Ｎotes.md', 'notes.tmp', 'NOTES.md'],
      { added: 1, changed: 0, removed: 0, carried: 2 },
    ],
    ['part of the path with signs that JSON escapes', { search: '"quoted"\nname\\' }, ['a "quoted"\nname\\\u{1F431}.md'], { added: 0, changed: 0, removed: 1, carried: 0 }], // prettier-ignore
    [
      'all of them together',
      { search: 'notes', change: 'carried', module: 'agents', agent: 'default' },
      ['notes.tmp'],
      { added: 1, changed: 0, removed: 0, carried: 1 },
    ],
    ['what is not there', { search: 'nothing' }, [], { added: 0, changed: 0, removed: 0, carried: 0 }],
  ])('is filtered by %s; the change is not applied to the counts', async (_, filter, expected, counts) => {
    const backups = await kept();
    for (const limit of [1, 100]) {
      const pages = await everyPage(backups, { ...filter, limit });
      expect(names(pages.flatMap(({ paths }) => paths))).toEqual(expected);
      for (const page of pages) expect(page.counts).toEqual(counts);
    }
  });

  it('is read in pieces whose borders cut lines and characters anywhere', async () => {
    const paths = Array.from({ length: 9000 }, (_, n) => plannedPath(`猫/${'猫'.repeat(n % 97)}/${n}`));
    const backups = await kept(paths);
    const pages = await everyPage(backups, { limit: 1000 });
    expect(names(pages.flatMap((page) => page.paths))).toEqual(names(paths));
  });

  it('stays readable when it is written again between two pages', async () => {
    const backups = await kept();
    const first = await readPlanPaths(backups, HASH, { limit: 3 });
    await writePlanPaths(backups, { planHash: HASH, paths: PATHS, now: NOW });
    const second = await readPlanPaths(backups, HASH, { limit: 100, after: first.next ?? undefined });
    expect([...first.paths, ...second.paths]).toEqual(PATHS);
  });

  it('refuses a position inside a line', async () => {
    const counts = { added: 0, changed: 0, removed: 0, carried: 0 };
    const read = readPlanPaths(await kept(), HASH, { limit: 1, after: { offset: 5, counts } });
    await expect(read).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
  });

  it('stops being read when its reader is gone', async () => {
    const signal = AbortSignal.abort(new Error('gone'));
    await expect(readPlanPaths(await kept(), HASH, { limit: 1, signal })).rejects.toThrow('gone');
  });
});

describe('a list that is not there', () => {
  it.each(['', '..', '../../meta', 'A1'.repeat(32), hashOf(7), `${HASH}\n`, '__proto__'])(
    '%j is not found',
    async (hash) => {
      for (const backups of [await kept(), tempDir('plans'), join(tempDir('plans'), 'absent')])
        await expect(readPlanPaths(backups, hash, { limit: 1 })).rejects.toMatchObject({
          code: 'RESTORE_PLAN_NOT_FOUND',
        });
    },
  );

  it.each<[string, (list: string) => void]>([
    ['cut off', (list) => truncateSync(list, 200)],
    ['other text', (list) => writeFileSync(list, 'hello\n')],
    [
      'another change',
      (list) => writeFileSync(list, `${JSON.stringify(plannedPath('a', { change: 'x' as never }))}\n`),
    ],
    ['a path that is none', (list) => appendFileSync(list, `${JSON.stringify(plannedPath(7 as never))}\n`)],
    ['one endless line', (list) => writeFileSync(list, 'x'.repeat(2 ** 20))],
  ])('in full, because it is %s, is not found', async (_, change) => {
    const backups = await kept();
    change(listOf(backups));
    const read = readPlanPaths(backups, HASH, { limit: 100 });
    await expect(read).rejects.toMatchObject({ code: 'RESTORE_PLAN_NOT_FOUND' });
  });

  it('is not looked for where a link leads', async () => {
    const backups = await kept();
    const elsewhere = join(tempDir('plans'), 'list');
    writeFileSync(elsewhere, readFileSync(listOf(backups)));
    const linked = tempDir('plans');
    mkdirSync(plansOf(linked), { recursive: true });
    symlinkSync(elsewhere, listOf(linked));
    const above = tempDir('plans');
    mkdirSync(join(above, '.pawvault'));
    symlinkSync(plansOf(backups), plansOf(above));
    for (const place of [linked, above])
      await expect(readPlanPaths(place, HASH, { limit: 1 })).rejects.toMatchObject({ code: 'RESTORE_PLAN_NOT_FOUND' });
    mkdirSync(listOf(backups, hashOf(1)));
    await expect(readPlanPaths(backups, hashOf(1), { limit: 1 })).rejects.toMatchObject({
      code: 'RESTORE_PLAN_NOT_FOUND',
    });
  });
});

describe('keeping a list', () => {
  it('forgets all but the newest, and those that are too old, and leaves other files alone', async () => {
    const backups = await kept();
    writeFileSync(join(plansOf(backups), 'notes.ndjson'), '');
    for (let n = 1; n <= MOST_PLANS; n += 1) {
      await writePlanPaths(backups, { planHash: hashOf(n), paths: PATHS, now: NOW });
      const at = NOW.getTime() / 1000 - 1000 + n;
      utimesSync(listOf(backups, hashOf(n)), at, at);
    }
    const then = NOW.getTime() / 1000 - 2000;
    utimesSync(listOf(backups), then, then);
    await writePlanPaths(backups, { planHash: hashOf(99), paths: [], now: NOW });
    const expected = [...Array.from({ length: MOST_PLANS - 1 }, (_, n) => hashOf(n + 2)), hashOf(99)];
    expect(readdirSync(plansOf(backups)).sort()).toEqual(
      [...expected.map((hash) => `${hash}.ndjson`), 'notes.ndjson'].sort(),
    );
    const later = new Date(NOW.getTime() + PLAN_AGE_MS - 500_000);
    await writePlanPaths(backups, { planHash: hashOf(99), paths: [], now: later });
    expect(readdirSync(plansOf(backups)).sort()).toEqual([`${hashOf(99)}.ndjson`, 'notes.ndjson'].sort());
  });

  it('forgets older lists when all together are too large, never the newest', async () => {
    const backups = await kept();
    truncateSync(listOf(backups), 300 * 1024 * 1024);
    const then = NOW.getTime() / 1000 - 60;
    utimesSync(listOf(backups), then, then);
    await writePlanPaths(backups, { planHash: hashOf(1), paths: PATHS, now: NOW });
    expect(readdirSync(plansOf(backups))).toHaveLength(2);
    truncateSync(listOf(backups, hashOf(1)), 300 * 1024 * 1024);
    utimesSync(listOf(backups, hashOf(1)), then + 1, then + 1);
    await writePlanPaths(backups, { planHash: hashOf(2), paths: PATHS, now: NOW });
    expect(readdirSync(plansOf(backups)).sort()).toEqual([`${hashOf(1)}.ndjson`, `${hashOf(2)}.ndjson`]);
  });

  it('forgets what is too old also when there is no further plan', async () => {
    const backups = await kept();
    await removeOldPlans(backups, NOW);
    expect(readdirSync(plansOf(backups))).toHaveLength(1);
    await removeOldPlans(backups, new Date(NOW.getTime() + PLAN_AGE_MS + 60_000));
    expect(readdirSync(plansOf(backups))).toEqual([]);
    await expect(removeOldPlans(tempDir('plans'), NOW)).resolves.toBeUndefined();
  });

  it('follows no link out of the backups', async () => {
    for (const place of ['.pawvault', '.pawvault/plans']) {
      const backups = tempDir('plans');
      const elsewhere = tempDir('elsewhere');
      writeFileSync(join(elsewhere, `${HASH}.ndjson`), 'the canary');
      if (place !== '.pawvault') mkdirSync(join(backups, '.pawvault'));
      symlinkSync(elsewhere, join(backups, place));
      await expect(writePlanPaths(backups, { planHash: HASH, paths: PATHS, now: NOW })).rejects.toThrow();
      expect(readdirSync(elsewhere)).toEqual([`${HASH}.ndjson`]);
      expect(readFileSync(join(elsewhere, `${HASH}.ndjson`), 'utf8')).toBe('the canary');
    }
  });

  it.each(['EIO', 'ENOSPC', 'EROFS'])(
    'leaves the former list or the new one when a call fails with %s',
    async (errno) => {
      const failures = await forEachFailure(
        async ({ run, failed }) => {
          const backups = await kept(PATHS.slice(0, 2));
          const outcome = await run(backups, () => writePlanPaths(backups, { planHash: HASH, paths: PATHS, now: NOW }));
          // To close a directory that was only looked at is no part of the outcome.
          if (outcome.status === 'done') expect(failed()?.name ?? 'closeSync').toBe('closeSync');
          const { paths } = await readPlanPaths(backups, HASH, { limit: 100 });
          expect([2, PATHS.length]).toContain(paths.length);
          if (outcome.status === 'done') expect(paths).toEqual(PATHS);
        },
        { errno },
      );
      expect(failures).toBeGreaterThanOrEqual(8);
    },
  );

  it('on a disk that takes nothing fails, and leaves nothing', async () => {
    const backups = tempDir('plans');
    const injection = await failNthCall(1, { under: backups, errno: 'EROFS', lasting: 'onwards' });
    const writing = writePlanPaths(backups, { planHash: HASH, paths: PATHS, now: NOW });
    await expect(writing.finally(() => injection.restore())).rejects.toMatchObject({ code: 'EROFS' });
    expect(readdirSync(backups)).toEqual([]);
  });
});
