import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { DomainError } from '@pawvault/contracts';
import { NotTheOwner } from '@pawvault/durable-fs';
import { failNthCall } from '@pawvault/testing';
import { RecordedJob } from '../spec-support/engine-bench';
import { type Place, PLACES, RestoreAttack, Swap } from '../spec-support/restore-attack';
import { journalPathOf, recoverInstance } from './recover-instance';
import { restoreBackup } from './restore-backup';

/** All moments take minutes; otherwise a few of each kind are tried. */
const LONG = process.env['PAWVAULT_LONG_TESTS'] === '1';
const STRIDE = LONG ? 150 : 1500;
/** The first moment differs from place to place. */
const FIRST = 131;
const BACK_AFTER = LONG ? [0, 1, 4] : [0];

const scene = new RestoreAttack();
beforeAll(() => scene.prepare());

let jobs = 0;
type Outcome = { code: 'done' } | { code: string; error: unknown };

const restore = (onStep?: (name: string) => void): Promise<Outcome> => {
  const options = { quiesce: { kind: 'none' as const }, lockMs: 5_000, ...(onStep === undefined ? {} : { onStep }) };
  return outcomeOf(restoreBackup(scene.engine, scene.payload(), new RecordedJob(`attack-${++jobs}`), options));
};
const recover = (): Promise<Outcome> => outcomeOf(recoverInstance(scene.engine, new AbortController().signal));

const outcomeOf = (job: Promise<unknown>): Promise<Outcome> =>
  job.then(
    () => ({ code: 'done' }),
    (error: unknown) => ({ code: error instanceof DomainError ? error.code : String(error), error }),
  );

/** What a job may end with: each says what happened and what to do. */
const CLEAR = [
  'done',
  'RESTORE_TARGET_CHANGED',
  'RESTORE_JOURNAL_UNTRUSTED',
  'RESTORE_DESTINATION_REFUSED',
  'INSTANCE_NOT_FOUND',
  'INSTANCE_CONFIG_INVALID',
];

interface Moment {
  /** The call before which the swap happens, from 1; later if the place is not there yet. */
  nth: number;
  /** After so many further calls it is taken back; 0: not before the job ends. */
  backAfter: number;
}

/** @returns the outcome, how many calls there were, and whether the swap happened */
async function during(
  act: () => Promise<Outcome>,
  swap: Swap,
  moment: Moment,
): Promise<{ outcome: Outcome; calls: number }> {
  let calls = 0;
  let busy = false;
  let since = 0;
  const hook = (): boolean => {
    if (busy) return false;
    busy = true;
    calls += 1;
    if (!swap.isDone && calls >= moment.nth) swap.there();
    else if (swap.isDone && ++since === moment.backAfter) swap.back();
    busy = false;
    return false;
  };
  const injection = await failNthCall(Number.MAX_SAFE_INTEGER, { under: scene.root, only: hook });
  try {
    return { outcome: await act(), calls };
  } finally {
    injection.restore();
  }
}

/** After an attack that has ended: nothing outside was touched, and the instance is one that can be restored. */
async function expectSound(
  label: string,
  { outcome, swap, place, isRecovery }: { outcome: Outcome; swap: Swap; place: Place; isRecovery: boolean },
): Promise<void> {
  const said = { label, code: outcome.code, cause: String((outcome as { error?: unknown }).error) };
  expect({ ...said, damage: scene.damage() }).toEqual({ ...said, damage: [] });
  expect({ ...said, clear: CLEAR.includes(outcome.code) }).toEqual({ ...said, clear: true });
  swap.back();
  expect({ ...said, recovery: (await recover()).code }).toEqual({ ...said, recovery: 'done' });
  if (place.within === 'a') {
    const expected = outcome.code === 'done' && !isRecovery ? 'new' : 'old';
    const others = (['b', 'secrets', 'skill_pool'] as const).map((part) => scene.generationOf(part));
    expect({ ...said, others }).toEqual({ ...said, others: [expected, expected, expected] });
  }
  const again = await restore();
  // Only the user that PawVault runs as can change a private directory: what it puts there may come back, and is refused by name.
  if (place.name.startsWith('private/') && again.code === 'RESTORE_DESTINATION_REFUSED') return;
  expect({ ...said, again }).toEqual({ ...said, again: { code: 'done' } });
  const parts = (['a', 'b', 'secrets', 'skill_pool'] as const).map((part) => scene.generationOf(part));
  expect({ ...said, parts, excluded: scene.excludedOf('b') }).toEqual({
    ...said,
    parts: ['new', 'new', 'new', 'new'],
    excluded: true,
  });
  expect({ ...said, damage: scene.damage() }).toEqual({ ...said, damage: [] });
}

interface Phase {
  name: string;
  prepare?: () => Promise<void>;
  act: () => Promise<Outcome>;
}

/** As a process that is killed leaves it: nothing is rolled back, and the journal is there. */
async function crash(atStep: number): Promise<void> {
  const journal = journalPathOf(scene.engine);
  let step = 0;
  const stop = (): void => {
    if (++step !== atStep) return;
    renameSync(journal, join(scene.root, 'journal'));
    throw new NotTheOwner();
  };
  await restore(stop);
  renameSync(join(scene.root, 'journal'), journal);
}

const fails = (): never => {
  throw new Error('no more');
};
const PHASES: Phase[] = [
  { name: 'a restore', act: () => restore() },
  {
    name: 'a restore that is rolled back',
    act: async () => {
      const outcome = await restore((name) => (name === 'commit' ? fails() : undefined));
      return outcome.code === 'Error: no more' ? { code: 'RESTORE_TARGET_CHANGED', error: null } : outcome;
    },
  },
  { name: 'a recovery before the commit point', prepare: () => crash(5), act: recover },
  { name: 'a recovery in the middle', prepare: () => crash(2), act: recover },
];

let tries = 0;

const SWAPS = PLACES.flatMap((place) =>
  (['link', 'directory'] as const).map((kind) => ({ place, at: place.name, kind })),
);
/** Otherwise the phases share the swaps out. */
const swapsOf = (phase: Phase): typeof SWAPS =>
  SWAPS.filter((_, i) => LONG || i % PHASES.length === PHASES.indexOf(phase));

describe.each(PHASES)('$name, while before any call', (phase) => {
  it.each(swapsOf(phase))(
    '$at is swapped for a $kind, touches nothing outside and ends clearly',
    async ({ place, kind }) => {
      for (const backAfter of BACK_AFTER) {
        for (let nth = 1 + ((tries * 7) % FIRST); ; nth += STRIDE) {
          scene.reset();
          await phase.prepare?.();
          const swap = new Swap(scene, place, kind);
          const { outcome, calls } = await during(phase.act, swap, { nth, backAfter });
          if (swap.isDone) {
            tries += 1;
            const isRecovery = phase.act === recover;
            const label = `${phase.name}: ${place.name}, ${kind}, call ${nth}, back after ${backAfter}`;
            await expectSound(label, { outcome, swap, place, isRecovery });
          }
          if (calls < nth || !swap.isDone) break;
        }
      }
    },
    LONG ? 1_800_000 : 60_000,
  );
});

it('that was often enough', () => expect(tries).toBeGreaterThan(LONG ? 1_000 : 25));
