import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import type { RestorePayload, RestoreResult, TreeChanges } from '@pawvault/contracts';
import { arbitraryTree, readTree, removeTestTree, type Tree, type TreeSnapshot, writeTree } from '@pawvault/testing';
import { createBackup } from '../create/create-backup';
import type { Engine, EngineDeps } from '../engine';
import { type BareInstance, bareInstance, register } from '../spec-support/bare-instance';
import { fullPayload, RecordedJob, threadedEngine } from '../spec-support/engine-bench';
import { planBackupRestore } from './plan-backup-restore';
import { restoreBackup } from './restore-backup';

const LONG = process.env['PAWVAULT_LONG_TESTS'] === '1';
const AGENTS = ['a', 'b', 'c'] as const;
const PARTS = [...AGENTS, 'skill_pool', 'secrets'] as const;
type Part = (typeof PARTS)[number];
type Content = Record<Part, Tree>;

const FULL: Omit<RestorePayload, 'backup_id'> = {
  mode: 'full',
  agent_ids: [],
  include_global_config: false,
  include_skill_pool: false,
  include_secrets: false,
  default_workspace_dir: null,
  preserve_local_protected_config: null,
  trust_mode: null,
  pre_restore_backup: null,
  plan_hash: null,
};
const { signal } = new AbortController();

/** All runs share the threads of the first engine; those of an engine that runs no task are never started. */
let threads: Engine | undefined;

/** An instance with three agents, whose every part is a random tree. */
class Place {
  readonly instance: BareInstance = bareInstance();
  readonly engine: EngineDeps;

  constructor() {
    const { directories } = this.instance;
    register(directories.configFile, Object.fromEntries(AGENTS.map((id) => [id, this.pathOf(id)])));
    const engine = threadedEngine(directories, { exclude: { useDefaults: false, rules: [] } });
    threads ??= engine;
    this.engine = { ...engine, pool: threads.pool };
  }

  pathOf(part: Part): string {
    const { workingDir, secretDir } = this.instance.directories;
    if (part === 'secrets') return secretDir;
    return part === 'skill_pool' ? join(workingDir, part) : join(workingDir, 'workspaces', part);
  }

  fill(content: Content): void {
    for (const part of PARTS) {
      rmSync(this.pathOf(part), { recursive: true, force: true });
      mkdirSync(this.pathOf(part), { recursive: true });
      writeTree(this.pathOf(part), content[part]);
    }
  }

  /** The secrets by content alone: a restore makes their modes strict. */
  read(): Record<Part, TreeSnapshot> {
    const trees = PARTS.map((part) => {
      const tree = readTree(this.pathOf(part));
      return [part, part === 'secrets' ? withoutModes(tree) : tree] as const;
    });
    return Object.fromEntries(trees) as Record<Part, TreeSnapshot>;
  }

  async backUp(): Promise<string> {
    return (await createBackup(this.engine, fullPayload(), new RecordedJob())).backup_id;
  }

  restore(payload: Partial<RestorePayload> & { backup_id: string }): Promise<RestoreResult> {
    return restoreBackup(this.engine, { ...FULL, ...payload }, new RecordedJob(), { quiesce: { kind: 'none' } });
  }
}

const withoutModes = (tree: TreeSnapshot): TreeSnapshot =>
  Object.fromEntries(Object.entries(tree).map(([path, node]) => [path, 'mode' in node ? { ...node, mode: 0 } : node]));

type Counts = Pick<TreeChanges, 'added' | 'changed' | 'removed' | 'unchanged'>;

/** What a plan has to say, found out by reading both trees. Files of one size and second count as unchanged, as the plan takes them. */
function countChanges(now: TreeSnapshot, then: TreeSnapshot): Counts {
  const leaves = (tree: TreeSnapshot): [string, TreeSnapshot[string]][] =>
    Object.entries(tree).filter(([, { type }]) => type !== 'directory');
  const counts = { added: 0, changed: 0, removed: 0, unchanged: 0 };
  for (const [path, node] of leaves(then)) {
    // A file may be called `toString`.
    const live = Object.hasOwn(now, path) ? now[path] : undefined;
    if (live === undefined || live.type === 'directory') counts.added += 1;
    else counts[isSame(live, node) ? 'unchanged' : 'changed'] += 1;
  }
  const stays = new Set(leaves(then).map(([path]) => path));
  counts.removed = leaves(now).filter(([path]) => !stays.has(path)).length;
  return counts;
}

function isSame(a: TreeSnapshot[string], b: TreeSnapshot[string]): boolean {
  if (a.type === 'symlink' && b.type === 'symlink') return a.target === b.target;
  if (a.type !== 'file' || b.type !== 'file' || a.size !== b.size) return false;
  return a.sha256 === b.sha256 || Math.floor(a.mtimeMs / 1000) === Math.floor(b.mtimeMs / 1000);
}

const countsOf = ({ added, changed, removed, unchanged }: TreeChanges): Counts => ({
  added,
  changed,
  removed,
  unchanged,
});

const arbitraryContent = (): fc.Arbitrary<Content> => {
  const tree = arbitraryTree({ maxFileBytes: 5_000 });
  return fc.record({ a: tree, b: tree, c: tree, skill_pool: tree, secrets: tree });
};

/** Trees are long and hardly legible: the seed is what repeats a failure. */
function report<T>({ failed, seed, counterexamplePath, errorInstance }: fc.RunDetails<T>): void {
  if (failed) throw new Error(`Repeat with seed ${seed}, path ${counterexamplePath}`, { cause: errorInstance });
}

const options = { numRuns: LONG ? 200 : 8, endOnFailure: !LONG, reporter: report };

async function inPlace(act: (place: Place) => Promise<void>): Promise<void> {
  const place = new Place();
  try {
    await act(place);
  } finally {
    removeTestTree(place.instance.root);
  }
}

/** What was saved comes back, the plan said so before, and the backup made first brings back what was there. */
const everything = (saved: Content, since: Content): Promise<void> =>
  inPlace(async (place) => {
    place.fill(saved);
    const old = place.read();
    const backup_id = await place.backUp();
    place.fill(since);
    const changed = place.read();
    const plan = await planBackupRestore(place.engine, { ...FULL, backup_id }, { signal });
    const result = await place.restore({
      backup_id,
      plan_hash: plan.plan_hash,
      pre_restore_backup: { created_at: '2026-04-20T09:30:00Z', short_id: '0badcafe' },
    });
    expect(place.read()).toEqual(old);
    const planned = [
      ...plan.agents.map(({ id, changes }) => [id, countsOf(changes)] as const),
      ...plan.modules.map(({ module, changes }) => [module, countsOf(changes)] as const),
    ].filter(([part]) => part !== 'global_config');
    const happened = PARTS.map((part) => [part, countChanges(changed[part], old[part])] as const);
    expect(Object.fromEntries(planned)).toEqual(Object.fromEntries(happened));
    await place.restore({ backup_id: result.pre_restore_backup_id ?? '' });
    expect(place.read()).toEqual(changed);
  });

/** Only what was ticked is touched. */
const subset = (saved: Content, since: Content, ticked: readonly Part[]): Promise<void> =>
  inPlace(async (place) => {
    place.fill(saved);
    const old = place.read();
    const backup_id = await place.backUp();
    place.fill(since);
    const changed = place.read();
    await place.restore({
      backup_id,
      mode: 'custom',
      agent_ids: AGENTS.filter((id) => ticked.includes(id)),
      include_skill_pool: ticked.includes('skill_pool'),
      include_secrets: ticked.includes('secrets'),
    });
    const expected = PARTS.map((part) => [part, ticked.includes(part) ? old[part] : changed[part]] as const);
    expect(place.read()).toEqual(Object.fromEntries(expected));
  });

it('a full restore brings back any instance, does what its plan says, and is undone by the backup made first', async () => {
  await fc.assert(fc.asyncProperty(arbitraryContent(), arbitraryContent(), everything), options);
}, 900_000);

it('a custom restore of any subset leaves everything else as it is', async () => {
  const ticked = fc.subarray([...PARTS], { minLength: 1 });
  await fc.assert(fc.asyncProperty(arbitraryContent(), arbitraryContent(), ticked, subset), options);
}, 900_000);

it('a restore into an instance that is already as it was saved plans no change and makes none', async () => {
  await inPlace(async (place) => {
    const [content] = fc.sample(arbitraryContent(), { numRuns: 1, seed: 11 });
    if (content === undefined) throw new Error('no sample');
    place.fill(content);
    rmSync(join(place.pathOf('a'), 'MEMORY.md'), { recursive: true, force: true });
    writeFileSync(join(place.pathOf('a'), 'MEMORY.md'), 'x');
    const before = place.read();
    const backup_id = await place.backUp();
    const plan = await planBackupRestore(place.engine, { ...FULL, backup_id }, { signal });
    for (const { changes } of [...plan.agents, ...plan.modules])
      expect(countsOf(changes)).toMatchObject({ added: 0, changed: 0, removed: 0 });
    await place.restore({ backup_id });
    expect(place.read()).toEqual(before);
  });
});
