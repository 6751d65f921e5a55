import { execFileSync } from 'node:child_process';
import { chmodSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { DomainError } from '@pawvault/contracts';
import { NotTheOwner } from '@pawvault/durable-fs';
import { SeededRandom, skipped } from '@pawvault/testing';
import { RecordedJob } from '../spec-support/engine-bench';
import { canPlayAnotherUser, RestoreAttack } from '../spec-support/restore-attack';
import { type Attacker, startAttacker } from '../spec-support/restore-attacker';
import { journalPathOf, recoverInstance } from './recover-instance';
import { restoreBackup } from './restore-backup';

const TRIES = process.env['PAWVAULT_LONG_TESTS'] === '1' ? 1_200 : 60;
const SEED = 20_260_420;
const NOBODY = 65534;
const CANCELLED = new DomainError('JOB_CANCELLED');

const PLACES = [
  'a/d1',
  'a/d1/d2',
  'a/d1/d2/d3',
  'a/d1/d2/__pycache__',
  'private',
  'private/new',
  'private/new/d1',
  'private/old/d1',
  'a',
  'b',
  '../workspaces',
  '../skill_pool',
];

/** A program of the same user may write wherever PawVault may, so what it does proves nothing. */
const itAttacks = canPlayAnotherUser ? it : skipped('needs the right to give files away');

const scene = new RestoreAttack();
let attacker: Attacker;
beforeAll(async () => {
  await scene.prepare();
  attacker = await startAttacker({
    workspaces: scene.at('working/workspaces'),
    canary: scene.canary,
    seed: SEED,
    places: PLACES,
    uid: canPlayAnotherUser ? NOBODY : undefined,
  });
});
afterAll(() => attacker.stop());

const random = new SeededRandom(SEED);
let jobs = 0;

const codeOf = (job: Promise<unknown>): Promise<string> =>
  job.then(
    () => 'done',
    (error: unknown) =>
      error instanceof DomainError && CLEAR.includes(error.code) ? error.code : inspect(error, { depth: 1 }),
  );

function restore(change: { job?: RecordedJob; onStep?: () => void } = {}): Promise<string> {
  const { job = new RecordedJob(`attacker-${++jobs}`), onStep } = change;
  const options = { quiesce: { kind: 'none' as const }, ...(onStep === undefined ? {} : { onStep }) };
  return codeOf(restoreBackup(scene.engine, scene.payload(), job, options));
}
const recover = (): Promise<string> => codeOf(recoverInstance(scene.engine, new AbortController().signal));

/** Each says what happened and what to do. */
const CLEAR = [
  'done',
  'JOB_CANCELLED',
  'RESTORE_TARGET_CHANGED',
  'RESTORE_JOURNAL_UNTRUSTED',
  'RESTORE_DESTINATION_REFUSED',
];

/** A restore that ends, one that is cancelled, or one whose process dies and whose successor recovers. */
async function attempt(): Promise<string[]> {
  const kind = random.below(3);
  if (kind === 0) return [await restore()];
  if (kind === 1) {
    const job = new RecordedJob(`attacker-${++jobs}`);
    const at = 1 + random.below(6);
    job.afterReport = (count) => count === at && job.abort.abort(CANCELLED);
    return [await restore({ job })];
  }
  const journal = journalPathOf(scene.engine);
  const at = 1 + random.below(6);
  let step = 0;
  let isCrashed = false;
  const stop = (): void => {
    if (++step !== at) return;
    renameSync(journal, join(scene.root, 'journal'));
    isCrashed = true;
    throw new NotTheOwner();
  };
  const code = await restore({ onStep: stop });
  if (!isCrashed) return [code];
  renameSync(join(scene.root, 'journal'), journal);
  return [await recover()];
}

itAttacks(
  'writes nothing outside, leaks nothing, and ends clearly beside a program that swaps directories all the time',
  async () => {
    const ends = new Map<string, number>();
    for (let i = 0; i < TRIES; i++) {
      scene.reset();
      execFileSync('chown', ['-hR', `${NOBODY}:${NOBODY}`, scene.at('working')]);
      chmodSync(scene.root, 0o711);
      attacker.goOn();
      const codes = await attempt();
      await attacker.pause();
      const label = `try ${i}`;
      for (const code of codes) ends.set(code, (ends.get(code) ?? 0) + 1);
      expect({ label, codes, damage: scene.damage() }).toEqual({ label, codes, damage: [] });
      expect({ label, unclear: codes.filter((code) => !CLEAR.includes(code)) }).toEqual({ label, unclear: [] });
      const after = [await recover(), await restore()];
      const isSound = after.every((code) => ['done', ...NAMED].includes(code));
      expect({ label, codes, after, isSound }).toEqual({ label, codes, after, isSound: true });
      expect({ label, damage: scene.damage() }).toEqual({ label, damage: [] });
    }
    expect(ends.get('done')).toBeGreaterThan(0);
    process.stdout.write(`${JSON.stringify([...ends])}\n`);
  },
  1_800_000,
);

/** It has stopped with a link in the place of something: that is named. */
const NAMED = ['RESTORE_DESTINATION_REFUSED', 'RESTORE_JOURNAL_UNTRUSTED'];
