import { execFileSync } from 'node:child_process';
import { lstatSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { arbitraryTree, readTree, removeTestTree, type Tree, type TreeSnapshot } from '@pawvault/testing';
import { type ArchiveView, microsOf, unpackWithUnzip, viewArchive } from '../spec-support/archive-view';
import type { Engine, EngineDeps } from '../engine';
import { backUp, type BareInstance, bareInstance, PREFIX } from '../spec-support/bare-instance';
import { RecordedJob, threadedEngine } from '../spec-support/engine-bench';
import { verifyBackup } from '../verify/verify-backup';

const LONG = process.env['PAWVAULT_LONG_TESTS'] === '1';

/** Content of every file and target of every link, for tools that restore neither modes nor times. */
const contentOnly = (tree: TreeSnapshot): unknown =>
  Object.fromEntries(
    Object.entries(tree).map(([path, node]) => [
      path,
      node.type === 'file' ? node.sha256 : node.type === 'directory' ? 'directory' : node,
    ]),
  );

/** As QwenPaw unpacks. */
const PYTHON = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as archive: archive.extractall(sys.argv[2])
`;

/** Other programs see a link to a file as that file, and no other link; the manifest knows each with its target. */
function asOthersSeeIt(tree: TreeSnapshot, { manifest }: ArchiveView): TreeSnapshot {
  // A file may be called __proto__.
  const seen = Object.create(null) as TreeSnapshot;
  for (const [path, node] of Object.entries(tree)) {
    if (node.type !== 'symlink') seen[path] = node;
    else {
      const { type, target, size = 0, mode = 0, mtime, sha256 } = manifest.get(PREFIX + path) ?? {};
      expect([path, { type, target }]).toEqual([path, node]);
      if (sha256 !== undefined)
        seen[path] = { type: 'file', size, sha256, mode, mtimeMs: Number(microsOf(mtime ?? '')) / 1000 };
    }
  }
  return Object.fromEntries(Object.entries(seen));
}

function unpackWithPython(path: string, target: string): void {
  mkdirSync(target);
  execFileSync('python3', ['-c', PYTHON, path, target], { stdio: 'pipe' });
}

/** Plain zip holds whole seconds. */
const inSeconds = (tree: TreeSnapshot): unknown =>
  Object.fromEntries(
    Object.entries(tree).map(([path, node]) => [
      path,
      'mtimeMs' in node ? { ...node, mtimeMs: Math.floor(node.mtimeMs / 1000) } : node,
    ]),
  );

/** Not `readdir` with `recursive`: on Node 20 that follows links to directories. */
const walk = (root: string): string[] => Object.keys(readTree(root)).filter((path) => path !== '.');

/**
 * How far the manifest is from the time on disk, beyond what `stat` in floating point cannot tell: a quarter of a microsecond today, two of
 * them from the year 2248 on. Half a microsecond is rounding.
 */
function nanosecondsOff(mtime: string, path: string): number {
  const { mtimeNs } = lstatSync(path, { bigint: true });
  const grain = 2 ** (Math.floor(Math.log2(Math.max(1, Math.abs(Number(mtimeNs)) / 1e6))) - 52) * 1e6;
  return Math.abs(Number(microsOf(mtime) * 1000n - mtimeNs)) - grain;
}

/** Trees are long and hardly legible: the seed is what repeats a failure. */
function report<T>({ failed, seed, counterexamplePath, errorInstance }: fc.RunDetails<T>): void {
  if (failed) throw new Error(`Repeat with seed ${seed}, path ${counterexamplePath}`, { cause: errorInstance });
}

/** All runs share the threads of the first engine; those of an engine that runs no task are never started. */
let threads: Engine | undefined;

function engineFor(directories: BareInstance['directories']): EngineDeps {
  const engine = threadedEngine(directories, { exclude: { useDefaults: false, rules: [] } });
  threads ??= engine;
  return { ...engine, pool: threads.pool };
}

async function roundTrip(tree: Tree): Promise<void> {
  const { root, directories, workspace } = bareInstance(tree);
  try {
    const before = readTree(workspace);
    const engine = engineFor(directories);
    const { path, result, view } = await backUp(engine);
    expect(result.omission_count).toBe(0);

    const unzipped = join(root, 'unzipped');
    unpackWithUnzip(path, unzipped);
    const seen = asOthersSeeIt(before, view);
    expect(inSeconds(readTree(join(unzipped, PREFIX)))).toEqual(inSeconds(seen));
    const extracted = join(root, 'extracted');
    unpackWithPython(path, extracted);
    expect(contentOnly(readTree(join(extracted, PREFIX)))).toEqual(contentOnly(seen));

    for (const relative of walk(workspace)) {
      const name = PREFIX + relative + (lstatSync(join(workspace, relative)).isDirectory() ? '/' : '');
      const listed = view.manifest.get(name);
      expect(nanosecondsOff(listed?.mtime ?? '', join(workspace, relative))).toBeLessThan(800);
    }
    await expect(verifyBackup(engine, { backup_id: result.backup_id }, new RecordedJob())).resolves.toMatchObject({
      state: 'ok',
      trust: 'valid',
    });
  } finally {
    removeTestTree(root);
  }
}

it(
  'any tree comes back as it was when another program unpacks it',
  async () => {
    await fc.assert(fc.asyncProperty(arbitraryTree({ maxFileBytes: 40_000 }), roundTrip), {
      numRuns: LONG ? 400 : 12,
      endOnFailure: !LONG,
      reporter: report,
    });
  },
  LONG ? 600_000 : 60_000,
);

it(
  'any tree that Linux can hold is captured, or named where it cannot be',
  async () => {
    const trees = arbitraryTree({ names: 'linux', times: 'any', maxFileBytes: 2_000 });
    const property = fc.asyncProperty(trees, async (tree) => {
      const { root, directories, workspace } = bareInstance(tree);
      try {
        const engine = engineFor(directories);
        const { result, path } = await backUp(engine);
        const view = await viewArchive(path);
        const omitted = view.head.omissions.map((omission) => omission.path);
        for (const relative of walk(workspace)) {
          const name = PREFIX + relative;
          const captured = view.manifest.has(name) || view.manifest.has(`${name}/`);
          const named = omitted.some((omission) => omission === name || `${name}/`.startsWith(omission));
          expect([name, captured !== named]).toEqual([name, true]);
        }
        await expect(verifyBackup(engine, { backup_id: result.backup_id }, new RecordedJob())).resolves.toMatchObject({
          state: 'ok',
        });
      } finally {
        removeTestTree(root);
      }
    });
    await fc.assert(property, { numRuns: LONG ? 500 : 25, endOnFailure: !LONG, reporter: report });
  },
  LONG ? 600_000 : 60_000,
);

it('an empty directory tree and one of links only come back', async () => {
  await roundTrip({ 'a/b/c': { type: 'directory', mode: 0o700, mtime: new Date('2020-02-02T02:02:02Z') } });
  await roundTrip({ 'a/x': { type: 'symlink', target: '../b' }, b: { type: 'symlink', target: 'nowhere' } });
});
