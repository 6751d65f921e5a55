import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { failNthCall } from '@pawvault/testing';
import type { EngineDeps } from '../engine';
import { plainEngine, RecordedJob } from '../spec-support/engine-bench';
import { RestoreScene } from '../spec-support/restore-scene';
import { itMounts } from '../spec-support/small-disk';
import { recoverInstance } from './recover-instance';
import { restoreBackup } from './restore-backup';

/** In the long mode every call fails once with every errno; otherwise a spread of them. */
const LONG = process.env['PAWVAULT_LONG_TESTS'] === '1';
const SHORT_ATTEMPTS = 50;
const ERRNOS = ['EIO', 'ENOSPC', 'EACCES', 'EBUSY', 'EXDEV'];

const scene = new RestoreScene();
let engine: EngineDeps;
let jobs = 0;

beforeAll(async () => {
  await scene.prepare();
  engine = plainEngine(scene.directories);
});
afterAll(() => scene.close());

itMounts('one of the targets is a volume', () => expect(scene.hasVolume).toBe(true));

const restore = (): Promise<unknown> =>
  restoreBackup(engine, scene.payload(), new RecordedJob(`fault-${++jobs}`), { quiesce: { kind: 'none' } });

it('leaves every target old or every target new, whichever call fails', async () => {
  scene.reset();
  const old = scene.content();
  const counting = await failNthCall(Number.MAX_SAFE_INTEGER, { under: scene.root });
  await restore().finally(() => counting.restore());
  const fresh = scene.content();
  expect(fresh).not.toEqual(old);
  const total = counting.calls();
  const seen = { old: 0, fresh: 0 };
  for (const { nth, errno } of attempts(total)) {
    scene.reset();
    const injection = await failNthCall(nth, { under: scene.root, errno });
    const done = await restore().then(
      () => true,
      () => false,
    );
    injection.restore();
    await recoverInstance(engine, new AbortController().signal);
    const now = scene.content();
    const isFresh = JSON.stringify(now) === JSON.stringify(fresh) || isFreshBesideKept({ now, fresh, old });
    const label = `call ${nth} of ${total} (${injection.failed()?.name} ${injection.failed()?.target}) with ${errno}`;
    if (!isFresh) expect({ label, tree: now }).toEqual({ label, tree: old });
    if (done) expect({ label, isFresh }).toEqual({ label, isFresh: true });
    expect(existsSync(join(scene.root, 'working/.pawvault_restore_journal.json'))).toBe(false);
    seen[isFresh ? 'fresh' : 'old'] += 1;
  }
  expect(seen.old).toBeGreaterThan(0);
  expect(seen.fresh).toBeGreaterThan(0);
}, 3_600_000);

function* attempts(total: number): Generator<{ nth: number; errno: string }> {
  const step = LONG ? 1 : Math.ceil(total / SHORT_ATTEMPTS);
  for (let nth = 1, round = 0; nth <= total; nth += step, round++) {
    for (const errno of LONG ? ERRNOS : [ERRNOS[round % ERRNOS.length] ?? 'EIO']) yield { nth, errno };
  }
}

/**
 * Where a call of the inventory says EACCES, the directory counts as one that no backup can read: it stays as it was, beside
 * the restored one, and so does what would have been carried out of it.
 */
function isFreshBesideKept({ now, fresh, old }: Record<'now' | 'fresh' | 'old', Record<string, unknown>>): boolean {
  const kept = Object.keys(now).filter((path) => path.endsWith('.kept-by-restore'));
  const below = (tree: Record<string, unknown>, top: string): [string, unknown][] =>
    Object.entries(tree)
      .filter(([path]) => path === top || path.startsWith(`${top}/`))
      .map(([path, node]) => [path.slice(top.length), node]);
  const isKept = (path: string): boolean => kept.some((top) => path === top || path.startsWith(`${top}/`));
  const wasBelowKept = (path: string): boolean =>
    kept.some((top) => path.startsWith(`${top.replace('.kept-by-restore', '')}/`));
  const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
  return (
    kept.length > 0 &&
    kept.every((top) => same(below(now, top), below(old, top.replace('.kept-by-restore', '')))) &&
    Object.keys(now).every((path) => isKept(path) || same(now[path], fresh[path])) &&
    Object.keys(fresh).every((path) => path in now || (wasBelowKept(path) && path in old))
  );
}
