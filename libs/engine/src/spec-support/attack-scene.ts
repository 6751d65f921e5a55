import { execFileSync } from 'node:child_process';
import { copyFileSync, lchownSync, mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import Libsql from 'libsql';
import { noise, readTree, removeTestTree, symlink, type TreeSnapshot, writeTree } from '@pawvault/testing';
import type { CreateResult } from '@pawvault/contracts';
import type { EngineOptions } from '../engine';
import { viewArchive } from './archive-view';
import { bareInstance, PREFIX } from './bare-instance';

/** A workspace that an attacker may change, and a tree outside with the same names whose content must never turn up anywhere. */
export interface AttackScene {
  root: string;
  directories: EngineOptions['directories'];
  workspace: string;
  outside: string;
  before: TreeSnapshot;
  remove(): void;
}

/** Directories of the scene, from the workspace down, the last with a database and an excluded tree. */
export const DEPTHS = ['', 'd1', 'd1/d2', 'd1/d2/d3', 'd1/d2/d3/__pycache__'] as const;

const CANARY = 'CANARY';
/** Of what lies outside only. */
const CANARY_NAME = 'seen-outside-only';

/** A database in WAL mode whose rows are in the log only, as a crash leaves it. */
function placeDatabase(directory: string, text: string): void {
  const live = join(directory, 'live.db');
  const connection = new Libsql(live);
  connection.exec(
    `PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE t (x); INSERT INTO t VALUES ('${text}')`,
  );
  for (const suffix of ['', '-wal', '-shm']) copyFileSync(`${live}${suffix}`, join(directory, `history.db${suffix}`));
  connection.close();
  rmSync(live);
}

function furnish(root: string, text: string): void {
  for (const [i, depth] of DEPTHS.entries()) {
    writeTree(join(root, depth), { 'a.txt': `${text} a ${i}`, 'linked.md': symlink('a.txt'), 'z.json': `["${text}"]` });
  }
  writeTree(join(root, 'd1/d2'), { 'large.bin': Buffer.concat([Buffer.from(text), noise(text, 1 << 20)]) });
  writeTree(root, { 'into.txt': symlink('d1/d2/d3/a.txt') });
  placeDatabase(join(root, 'd1/d2/d3'), text);
}

export function attackScene(): AttackScene {
  const { root, directories, workspace } = bareInstance({ 'a.txt': 'x' });
  const outside = join(root, 'outside');
  furnish(workspace, 'inside');
  furnish(outside, CANARY);
  for (const depth of DEPTHS) writeTree(join(outside, depth), { [`${CANARY_NAME}.txt`]: CANARY });
  return { root, directories, workspace, outside, before: readTree(outside), remove: () => removeTestTree(root) };
}

/** What an attacker puts in the place of something, and how it is taken back. */
export interface Swap {
  there(): void;
  back(): void;
}

/** Links of the user that PawVault runs as are followed where they are roots; an attacker is another user, and only root can play one. */
export const canPlayAnotherUser = process.geteuid?.() === 0;
const ATTACKER = 65534;

/** A directory, or a file, makes way for a link to what has its name outside. */
export function swapForLink({ workspace, outside }: AttackScene, relative: string): Swap {
  const path = join(workspace, relative);
  return {
    there: () => {
      renameSync(path, `${workspace}.aside`);
      symlinkSync(join(outside, relative), path);
      if (canPlayAnotherUser) lchownSync(path, ATTACKER, ATTACKER);
    },
    back: () => {
      unlinkSync(path);
      renameSync(`${workspace}.aside`, path);
    },
  };
}

/** A directory makes way for another one of the workspace. */
export function swapForSibling({ workspace }: AttackScene, relative: string): Swap {
  const [path, aside] = [join(workspace, relative), `${workspace}.aside`];
  mkdirSync(join(workspace, 'other'), { recursive: true });
  const exchange = (): void => {
    renameSync(path, aside);
    renameSync(join(workspace, 'other'), path);
    renameSync(aside, join(workspace, 'other'));
  };
  return { there: exchange, back: exchange };
}

export function swapForFifo({ workspace }: AttackScene, relative: string): Swap {
  const [path, fifo] = [join(workspace, relative), `${workspace}.fifo`];
  execFileSync('mkfifo', [fifo]);
  return {
    there: () => {
      renameSync(path, `${workspace}.aside`);
      renameSync(fifo, path);
    },
    back: () => {
      renameSync(path, fifo);
      renameSync(`${workspace}.aside`, path);
    },
  };
}

/**
 * Looks for anything from outside in the archive that a backup has made.
 * @returns the entries that hold some, or are called as what lies outside only; and what was written there
 */
export async function leaksOf(scene: AttackScene, result: CreateResult): Promise<string[]> {
  const view = await viewArchive(join(scene.directories.backupDir, `${result.backup_id}.zip`));
  const inEntries = view.names.filter(
    (name) => name.includes(CANARY_NAME) || (name.startsWith(PREFIX) && view.content(name).includes(CANARY)),
  );
  const inManifest = [...view.manifest.keys()].filter((name) => name.includes(CANARY_NAME));
  return [...inEntries, ...inManifest, ...changesOutside(scene)];
}

/** Paths outside that a backup has changed, made or removed. */
export function changesOutside({ outside, before }: AttackScene): string[] {
  const now = readTree(outside);
  const paths = new Set([...Object.keys(before), ...Object.keys(now)]);
  return [...paths].filter((path) => JSON.stringify(before[path]) !== JSON.stringify(now[path]));
}
