import { type CreateResult, DomainError } from '@pawvault/contracts';
import { failNthCall } from '@pawvault/testing';
import {
  type AttackScene,
  attackScene,
  canPlayAnotherUser,
  changesOutside,
  DEPTHS,
  leaksOf,
  type Swap,
  swapForFifo,
  swapForLink,
  swapForSibling,
} from '../spec-support/attack-scene';
import { payloadFor, plainEngine, RecordedJob, remainsIn } from '../spec-support/engine-bench';
import { createBackup } from './create-backup';

const LONG = process.env['PAWVAULT_LONG_TESTS'] === '1';
const SCOPE = { include_global_config: false, include_secrets: false, include_skill_pool: false };

interface Moment {
  /** The call on the workspace before which the swap happens, from 1. */
  nth: number;
  /** After so many further calls it is taken back; 0: never. */
  backAfter: number;
}

/**
 * Backs up while an attacker swaps something just before a certain call.
 * @returns how many calls on the workspace there were
 */
async function backUpDuring(scene: AttackScene, swap: Swap, moment: Moment): Promise<number> {
  const deps = plainEngine(scene.directories);
  const calls = countCalls(scene, swap, moment);
  const injection = await failNthCall(Number.MAX_SAFE_INTEGER, { under: scene.workspace, only: calls.hook });
  let outcome: unknown;
  try {
    outcome = await createBackup(deps, payloadFor({ mode: 'partial', scope: SCOPE }), new RecordedJob()).catch(
      (error: unknown) => error,
    );
  } finally {
    injection.restore();
  }
  const found = outcome instanceof DomainError ? changesOutside(scene) : await leaksOf(scene, outcome as CreateResult);
  expect({ ...moment, found }).toEqual({ ...moment, found: [] });
  expect(remainsIn(scene.directories.backupDir).work).toEqual([]);
  return calls.count();
}

/** The calls of the swap itself do not count. */
function countCalls(scene: AttackScene, swap: Swap, moment: Moment): { hook: () => boolean; count: () => number } {
  let count = 0;
  let busy = false;
  const act = (step: () => void): void => {
    busy = true;
    step();
    busy = false;
  };
  const hook = (): boolean => {
    if (busy) return false;
    count += 1;
    if (count === moment.nth) act(swap.there);
    if (moment.backAfter > 0 && count === moment.nth + moment.backAfter) act(swap.back);
    return false;
  };
  return { hook, count: () => count };
}

let series = 0;
/** Not the same moments for every kind. */
const firstMoment = (stride: number): number => 1 + ((series += 5) % stride);

/** Each `stride`-th moment of a backup, from the first call to the last. @returns the number of tries */
async function atEveryMoment(
  swapOf: (scene: AttackScene) => Swap,
  options: { stride: number; backAfter: number },
): Promise<number> {
  let tries = 0;
  for (let nth = firstMoment(options.stride); ; nth += options.stride) {
    const scene = attackScene();
    try {
      const calls = await backUpDuring(scene, swapOf(scene), { nth, backAfter: options.backAfter });
      tries += 1;
      if (calls < nth) return tries;
    } finally {
      scene.remove();
    }
  }
}

/** All moments take minutes; a few of each kind are tried each time. */
const STRIDE = LONG ? 1 : 37;
const DIRECTORIES = DEPTHS.filter((depth) => depth !== '' || canPlayAnotherUser);
const BACK_AFTER = LONG ? [0, 1, 2, 3] : [0, 2];

describe('a backup while, before any call,', () => {
  it.each(DIRECTORIES.flatMap((depth) => BACK_AFTER.map((backAfter): [string, number] => [depth, backAfter])))(
    'the directory "%s" is swapped for a link to outside, and back after %d calls (0: never), takes nothing from there',
    async (depth, backAfter) => {
      const tries = await atEveryMoment((scene) => swapForLink(scene, depth), { stride: STRIDE, backAfter });
      expect(tries).toBeGreaterThan(2);
    },
    LONG ? 600_000 : 60_000,
  );

  it.each([
    ['a file for a link', (scene: AttackScene) => swapForLink(scene, 'd1/a.txt')],
    ['a large file for a link', (scene: AttackScene) => swapForLink(scene, 'd1/d2/large.bin')],
    ['a database for a link', (scene: AttackScene) => swapForLink(scene, 'd1/d2/d3/history.db')],
    ['the log of a database for a link', (scene: AttackScene) => swapForLink(scene, 'd1/d2/d3/history.db-wal')],
    ['the target of a link for a link', (scene: AttackScene) => swapForLink(scene, 'd1/d2/d3/a.txt')],
    ['a file for a fifo', (scene: AttackScene) => swapForFifo(scene, 'd1/a.txt')],
    ['a database for a fifo', (scene: AttackScene) => swapForFifo(scene, 'd1/d2/d3/history.db')],
    ['a directory for a fifo', (scene: AttackScene) => swapForFifo(scene, 'd1/d2')],
    ['a directory for another of the workspace', (scene: AttackScene) => swapForSibling(scene, 'd1/d2/d3')],
  ])(
    '%s is swapped takes nothing from outside',
    async (_, swapOf) => {
      for (const backAfter of LONG ? [0, 1] : [1]) await atEveryMoment(swapOf, { stride: STRIDE, backAfter });
    },
    LONG ? 600_000 : 60_000,
  );
});
