import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lchownSync,
  lstatSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { RestorePayload } from '@pawvault/contracts';
import { everythingIn, hasCapabilities, tempDir, type Tree, writeTree } from '@pawvault/testing';
import { createBackup } from '../create/create-backup';
import type { EngineDeps } from '../engine';
import { register } from './bare-instance';
import { fullPayload, plainEngine, RecordedJob } from './engine-bench';

/** Links to roots are followed when they are those of the user that PawVault runs as: an attacker has to be another one. */
export const canPlayAnotherUser = hasCapabilities('chown');
const ATTACKER = 65534;
const CANARY = 'CANARY';
const CANARY_NAME = 'seen-outside-only';

const treeOf = (text: string): Tree => ({
  'AGENTS.md': `${text} agents`,
  'd1/a.txt': `${text} a`,
  'd1/d2/b.txt': `${text} b`,
  'd1/d2/d3/c.txt': `${text} c`,
  'd1/link': { type: 'symlink', target: 'a.txt' },
});
/** What backups leave out: it is carried over from every depth. */
const excludedOf = (text: string): Tree => ({
  'notes.tmp': text,
  'd1/notes.tmp': text,
  'd1/d2/__pycache__/x.pyc': text,
  'd1/d2/d3/notes.tmp': text,
});

/** An instance with two agents that has changed since its backup, and a tree outside that has the same names and that nothing may touch. */
export class RestoreAttack {
  readonly root = tempDir('attack');
  readonly canary = join(this.root, 'canary');
  readonly decoy = join(this.root, 'decoy');
  readonly engine: EngineDeps;
  readonly directories = {
    workingDir: this.at('working'),
    secretDir: this.at('working.secret'),
    backupDir: this.at('working.backups'),
    configFile: this.at('working/config.json'),
  };
  private readonly template = tempDir('attack-template');
  private untouched: Record<string, unknown> = {};
  private backupId = '';

  constructor() {
    this.engine = plainEngine(this.directories);
  }

  async prepare(): Promise<void> {
    for (const id of ['a', 'b']) writeTree(this.workspace(id), { ...treeOf('saved'), ...excludedOf('left out') });
    writeTree(this.at('working/skill_pool'), { 'skill.md': 'saved' });
    writeTree(this.directories.secretDir, { '.master_key': 'key', 'providers/p.json': '"saved"' });
    register(this.directories.configFile, { a: this.workspace('a'), b: this.workspace('b') });
    this.backupId = (await createBackup(this.engine, fullPayload(), new RecordedJob())).backup_id;
    for (const id of ['a', 'b']) {
      writeTree(this.workspace(id), filesOf('since'));
      rmSync(join(this.workspace(id), 'd1/d2/d3/c.txt'));
    }
    writeTree(this.at('working/skill_pool'), { 'skill.md': 'since' });
    writeTree(this.directories.secretDir, { 'providers/p.json': '"since"' });
    execFileSync('cp', ['-a', this.at('working'), this.at('working.secret'), this.template]);
    this.placeCanary();
  }

  /** With every name that something could be led to. */
  private placeCanary(): void {
    for (const below of ['', 'a', 'b', 'new', 'old', 'workspaces/a', 'd1', 'd1/d2', 'd1/d2/d3'])
      writeTree(join(this.canary, below), {
        ...treeOf(CANARY),
        ...excludedOf(CANARY),
        [`${CANARY_NAME}.txt`]: CANARY,
        'config.json': CANARY,
      });
    chmodSync(this.canary, 0o700);
    writeTree(this.decoy, { 'decoy.txt': 'decoy', 'd1/decoy.txt': 'decoy', 'new/decoy.txt': 'decoy' });
    this.untouched = everythingIn(this.canary);
  }

  at(path: string): string {
    return join(this.root, path);
  }

  workspace(id: string): string {
    return this.at(`working/workspaces/${id}`);
  }

  payload(): RestorePayload {
    const modules = { include_global_config: false, include_skill_pool: true, include_secrets: true };
    const choices = { default_workspace_dir: null, preserve_local_protected_config: null, trust_mode: null };
    const rest = { pre_restore_backup: null, plan_hash: null };
    return { backup_id: this.backupId, mode: 'custom', agent_ids: ['a', 'b'], ...modules, ...choices, ...rest };
  }

  /** Everything as before the restores, whatever an attack has left. */
  reset(): void {
    const kept = ['canary', 'working.backups'];
    for (const name of readdirSync(this.root)) if (!kept.includes(name)) rmSync(this.at(name), { recursive: true });
    execFileSync('cp', ['-a', `${this.template}/.`, this.root]);
    writeTree(this.decoy, { 'decoy.txt': 'decoy', 'd1/decoy.txt': 'decoy', 'new/decoy.txt': 'decoy' });
  }

  /** What a restore has written where it must not, or has taken from there. */
  damage(): string[] {
    const now = everythingIn(this.canary);
    const paths = new Set([...Object.keys(this.untouched), ...Object.keys(now)]);
    const written = [...paths].filter((path) => JSON.stringify(now[path]) !== JSON.stringify(this.untouched[path]));
    return [...written.map((path) => `canary/${path}`), ...this.leaks()];
  }

  /** Files below the instance that hold something of the canary, or name it; links are not followed. */
  private leaks(): string[] {
    const places = ['working', 'working.secret', 'working.backups'].map((name) => this.at(name));
    const { stdout } = spawnSync('grep', ['-rlsaE', `${CANARY}|${CANARY_NAME}`, ...places.filter(isDirectory)], {
      encoding: 'utf8',
    });
    return stdout.split('\n').filter((line) => line !== '');
  }

  /** `old` or `new` where it is wholly so, by what a backup holds. */
  generationOf(part: 'a' | 'b' | 'secrets' | 'skill_pool'): string {
    const path = {
      a: this.workspace('a'),
      b: this.workspace('b'),
      secrets: this.directories.secretDir,
      skill_pool: this.at('working/skill_pool'),
    }[part];
    const files = { a: AGENT_FILES, b: AGENT_FILES, secrets: ['providers/p.json'], skill_pool: ['skill.md'] }[part];
    const seen = new Set(files.map((file) => wordOf(join(path, file))));
    return seen.size === 1 ? ([...seen][0] ?? '') : [...seen].join(' and ');
  }

  /** Whether everything that backups leave out is there. */
  excludedOf(id: string): boolean {
    return Object.keys(excludedOf('')).every((path) => existsSync(join(this.workspace(id), path)));
  }
}

/** A link on the command line would be followed. */
const isDirectory = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

const AGENT_FILES = ['AGENTS.md', 'd1/a.txt', 'd1/d2/b.txt'];

/** `saved` is what the backup has. */
function wordOf(path: string): string {
  try {
    const text = readFileSync(path, 'utf8');
    return /saved/.test(text) ? 'new' : /since/.test(text) ? 'old' : 'neither';
  } catch {
    return 'missing';
  }
}

const filesOf = (text: string): Tree =>
  Object.fromEntries(Object.entries(treeOf(text)).filter(([, node]) => typeof node === 'string'));

/** Where an attacker strikes. */
export interface Place {
  name: string;
  /** Relative to the root of the scene, by now; null where it is not there. */
  find(scene: RestoreAttack): string | null;
  /** What of the canary has its names. */
  like: string;
  /** Whether it lies within the trees of one target only. */
  within: 'a' | null;
}

const fixedPlace = (name: string, like: string, within: Place['within']): Place => ({
  name,
  like,
  within,
  find: (scene) => (isDirectory(scene.at(name)) ? name : null),
});

/** In the private directory of the first target, as far as it is there. */
const privatePlace = (below: string, like: string): Place => ({
  name: `private/${below}`,
  like,
  within: 'a',
  find(scene) {
    const workspaces = scene.at('working/workspaces');
    const names = isDirectory(workspaces) ? readdirSync(workspaces) : [];
    const own = names.find((name) => /^\.pawvault-restore-[0-9a-f]{8}-0$/.test(name));
    if (own === undefined) return null;
    return fixedPlace(join('working/workspaces', own, below), like, 'a').find(scene);
  },
});

/** Directories that an attacker reaches in an instance, at every depth. Those that lead to roots need another user. */
export const PLACES: readonly Place[] = [
  fixedPlace('working/workspaces/a/d1', 'd1', 'a'),
  fixedPlace('working/workspaces/a/d1/d2', 'd1/d2', 'a'),
  fixedPlace('working/workspaces/a/d1/d2/d3', 'd1/d2/d3', 'a'),
  fixedPlace('working/workspaces/a/d1/d2/__pycache__', 'd1', 'a'),
  fixedPlace('working.secret/providers', 'd1', null),
  privatePlace('', ''),
  privatePlace('new', ''),
  privatePlace('new/d1', 'd1'),
  privatePlace('new/d1/d2', 'd1/d2'),
  privatePlace('old', ''),
  privatePlace('old/d1', 'd1'),
  privatePlace('old/d1/d2', 'd1/d2'),
  ...(canPlayAnotherUser
    ? [
        fixedPlace('working/workspaces/a', 'a', 'a'),
        fixedPlace('working/workspaces', '', null),
        fixedPlace('working/skill_pool', '', null),
        fixedPlace('working.secret', '', null),
        fixedPlace('working', '', null),
      ]
    : []),
];

/** Puts a link, or another directory, in the place of a directory, and takes that back as far as it is still there. */
export class Swap {
  private done: { path: string; aside: string; ino: number } | null = null;

  constructor(
    private readonly scene: RestoreAttack,
    private readonly place: Place,
    private readonly kind: 'link' | 'directory',
  ) {}

  get isDone(): boolean {
    return this.done !== null;
  }

  /** @returns false where the place is not there at this moment */
  there(): boolean {
    const relative = this.place.find(this.scene);
    if (relative === null) return false;
    const path = this.scene.at(relative);
    const aside = this.scene.at('aside');
    renameSync(path, aside);
    if (this.kind === 'directory') renameSync(this.scene.decoy, path);
    else symlinkSync(join(this.scene.canary, this.place.like), path);
    if (canPlayAnotherUser) lchownSync(path, ATTACKER, ATTACKER);
    this.done = { path, aside, ino: lstatSync(path).ino };
    return true;
  }

  back(): void {
    if (this.done === null) return;
    const { path, aside, ino } = this.done;
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found?.ino === ino) {
      if (this.kind === 'link') unlinkSync(path);
      else renameSync(path, this.scene.at('former-decoy'));
    } else if (found !== undefined) return;
    if (existsSync(dirname(path))) renameSync(aside, path);
  }
}
