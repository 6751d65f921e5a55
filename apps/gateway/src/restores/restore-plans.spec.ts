import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PlannedPath } from '@pawvault/contracts';
import { writePlanPaths } from '@pawvault/store';
import { Bench } from '../spec-support/bench';

const HASH = 'c3'.repeat(32);

const planned = (path: string, other: Partial<PlannedPath> = {}): PlannedPath => ({
  module: 'agents',
  agent: 'default',
  path,
  change: 'added',
  reason: null,
  detail: null,
  kept_as: null,
  ...other,
});

const PATHS = [
  planned('AGENTS.md', { change: 'changed' }),
  planned('memory/猫.md', { change: 'removed' }),
  planned('Notes.tmp', { change: 'carried', reason: 'excluded', detail: '*.tmp', kept_as: 'Notes.tmp.kept' }),
  planned('notes.md', { agent: 'writer' }),
  planned('config.json', { module: 'global_config', agent: null, change: 'changed' }),
  planned('.master_key', { module: 'secrets', agent: null, change: 'changed' }),
];
const COUNTS = { added: 1, changed: 3, removed: 1, carried: 1 };

describe('the paths of a plan', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await Bench.open();
    await writePlanPaths(bench.backupDir, { planHash: HASH, paths: PATHS, now: new Date() });
  });
  afterEach(() => bench.close());

  const ask = (query: object = {}, hash = HASH) => bench.api.get(`/api/v1/restore-plans/${hash}/paths`).query(query);
  const textsOf = (body: { paths: PlannedPath[] }): string[] => body.paths.map(({ path }) => path);

  it('are listed with their counts, without a worker', async () => {
    const { body } = await ask().expect(200);
    expect(body).toEqual({ paths: PATHS, next_cursor: null, counts: COUNTS });
  });

  it('come in pages, each with the counts of all', async () => {
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const { body } = await ask({ limit: 2, ...(cursor !== null && { cursor }) }).expect(200);
      expect(body.counts).toEqual(COUNTS);
      seen.push(...textsOf(body));
      cursor = body.next_cursor as string | null;
    } while (cursor !== null);
    expect(seen).toEqual(PATHS.map(({ path }) => path));
  });

  it.each<[object, string[], object]>([
    [{ change: 'removed' }, ['memory/猫.md'], COUNTS],
    [{ module: 'secrets' }, ['.master_key'], { added: 0, changed: 1, removed: 0, carried: 0 }],
    [{ agent: 'writer' }, ['notes.md'], { added: 1, changed: 0, removed: 0, carried: 0 }],
    [{ search: 'NOTES' }, ['Notes.tmp', 'notes.md'], { added: 1, changed: 0, removed: 0, carried: 1 }],
    [{ search: '猫' }, ['memory/猫.md'], { added: 0, changed: 0, removed: 1, carried: 0 }],
    [{ agent: 'nobody' }, [], { added: 0, changed: 0, removed: 0, carried: 0 }],
    [{ search: '' }, PATHS.map(({ path }) => path), COUNTS],
  ])('are filtered by %j', async (query, expected, counts) => {
    const { body } = await ask(query).expect(200);
    expect([textsOf(body), body.counts]).toEqual([expected, counts]);
  });

  it.each<[object, string]>([
    [{ change: 'moved' }, 'change'],
    [{ module: 'plugins' }, 'module'],
    [{ search: 'x'.repeat(1025) }, 'search'],
    [{ agent: ['a', 'b'] }, 'agent'],
    [{ limit: 0 }, 'limit'],
    [{ limit: 1001 }, 'limit'],
    [{ cursor: 'nonsense' }, 'cursor'],
    [{ q: 'x' }, 'q'],
  ])('with %j are refused', async (query, field) => {
    const { body } = await ask(query).expect(400);
    expect(body).toMatchObject({ code: 'VALIDATION_FAILED', details: { fields: [field] } });
  });

  it('are refused with a cursor of another filter, of another plan, or one that was made up', async () => {
    const { body } = await ask({ limit: 1, search: 'notes' }).expect(200);
    const made = (...position: unknown[]): string => Buffer.from(JSON.stringify(position)).toString('base64url');
    const list = JSON.stringify([HASH, null, null, null, null]);
    await ask({ limit: 1, search: 'notes', cursor: body.next_cursor }).expect(200);
    const wrong = [
      ask({ limit: 1, cursor: body.next_cursor }),
      ask({ limit: 1, search: 'notes', change: 'added', cursor: body.next_cursor }),
      ask({ limit: 1, search: 'notes', cursor: body.next_cursor }, 'd4'.repeat(32)),
      ask({ cursor: made(list, '5', '0', '0', '0', '0') }),
      ask({ cursor: made(list, '-1', '0', '0', '0', '0') }),
      ask({ cursor: made(list, '1e400', '0', '0', '0', '0') }),
      ask({ cursor: made(list, '999999999999999', '0', '0', '0', '0') }),
    ];
    for (const reply of wrong) expect((await reply.expect(400)).body.code).toBe('VALIDATION_FAILED');
  });

  it.each(['d4'.repeat(32), HASH.toUpperCase(), 'x', '..%2f..%2fmeta', '__proto__'])(
    'of %s are not found, with what to do',
    async (hash) => {
      const { body } = await ask({}, hash).expect(404);
      expect(body).toMatchObject({ code: 'RESTORE_PLAN_NOT_FOUND', status: 404 });
      expect(body.remedy).toContain('Ask for a new plan');
    },
  );

  it('that another program has changed into something else are not found', async () => {
    writeFileSync(join(bench.backupDir, '.pawvault/plans', `${HASH}.ndjson`), '{"path":"../../etc"}\n');
    expect((await ask().expect(404)).body.code).toBe('RESTORE_PLAN_NOT_FOUND');
  });
});
