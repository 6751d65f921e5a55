import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RestorePayload } from '@pawvault/contracts';
import {
  canMount,
  readTree,
  removeTestTree,
  sampleInstance,
  type SampleInstance,
  type TreeSnapshot,
} from '@pawvault/testing';
import { createBackup } from '../create/create-backup';
import { fullPayload, plainEngine, RecordedJob } from './engine-bench';

const PLACES = ['working', 'working.secret', 'elsewhere'];
/** Directories around the targets: their times change with every rename and are nobody's data. */
const AROUND = new Set(['.', 'working', 'working/workspaces', 'elsewhere', 'working.secret', 'working/skill_pool']);

/**
 * An instance with a full backup that has changed in every module since: config, secrets, skill pool and agents, one of which lives on a
 * volume of its own where that can be mounted. Every attempt begins with {@link reset}.
 */
export class RestoreScene {
  readonly root = mkdtempSync(join(tmpdir(), 'pawvault-scene-'));
  private readonly template = mkdtempSync(join(tmpdir(), 'pawvault-template-'));
  private readonly sample: SampleInstance;
  private readonly volume = join(this.root, 'elsewhere/流浪 nomad');
  /** Whether an agent lives on a volume of its own, as in Docker and Kubernetes, and a share is mounted in another; without it, refused renames stand in. */
  readonly hasVolume = canMount();
  /** A file system that is mounted inside a workspace, as people do with a NAS. */
  private readonly share = join(this.root, 'working/workspaces/a1B2c3/media/nas');
  backupId = '';

  constructor() {
    this.sample = sampleInstance(this.root, { database: 'none', mediaBytes: 3_000 });
    execFileSync('cp', ['-a', join(this.root, 'elsewhere'), this.template]);
    mkdirSync(this.share, { recursive: true });
    if (this.hasVolume) [this.volume, this.share].forEach(mountVolume);
    this.copyTemplate();
  }

  get directories(): SampleInstance['directories'] {
    return this.sample.directories;
  }

  /** Makes the backup, and then the changes that a restore takes back. */
  async prepare(): Promise<void> {
    this.enrich('before');
    const made = await createBackup(plainEngine(this.directories), fullPayload(), new RecordedJob());
    this.backupId = made.backup_id;
    writeFileSync(join(this.root, 'working/workspaces/default/AGENTS.md'), 'changed since');
    rmSync(join(this.root, 'working/workspaces/a1B2c3/memory'), { recursive: true });
    writeFileSync(join(this.volume, 'new-file.txt'), 'made since');
    this.enrich('since');
    writeFileSync(join(this.root, 'working.secret/.master_key'), 'another key');
    mkdirSync(join(this.root, 'working/skill_pool/since'));
    removeTestTree(this.template);
    mkdirSync(this.template);
    for (const place of PLACES) execFileSync('cp', ['-a', join(this.root, place), this.template]);
  }

  /** What no backup holds, and what is not easily moved: in an ordinary workspace and in one that is a volume. */
  private enrich(when: string): void {
    for (const workspace of [join(this.root, 'working/workspaces/default'), this.volume]) {
      const locked = join(workspace, 'go/pkg/mod');
      const cache = join(locked, '__pycache__');
      if (when === 'since') [locked, cache].forEach((path) => chmodSync(path, 0o755));
      mkdirSync(cache, { recursive: true });
      writeFileSync(join(workspace, `notes-${when}.tmp`), `left out by a rule, ${when}`);
      writeFileSync(join(workspace, 'go/changed.txt'), when);
      writeFileSync(join(cache, `${when}.pyc`), when);
      if (when === 'before') writeFileSync(join(locked, 'go.mod'), 'module example', { mode: 0o444 });
      writeFileSync(Buffer.concat([Buffer.from(`${workspace}/go/`), Buffer.from([0xff, 0xfe])]), when);
      [cache, locked].forEach((path) => chmodSync(path, 0o555));
    }
    writeFileSync(join(this.share, `${when}.txt`), when);
    writeFileSync(join(this.root, 'working/workspaces/a1B2c3/media/beside.txt'), when);
  }

  payload(): RestorePayload {
    const modules = { include_global_config: false, include_skill_pool: false, include_secrets: false };
    const choices = { default_workspace_dir: null, preserve_local_protected_config: null, trust_mode: null };
    const rest = { pre_restore_backup: null, plan_hash: null };
    return { backup_id: this.backupId, mode: 'full', agent_ids: [], ...modules, ...choices, ...rest };
  }

  /** Everything as it was before the restores; a mount point keeps its directory. */
  reset(): void {
    const places = PLACES.map((place) => join(this.root, place));
    const script = 'chmod -R u+rwx "$@" 2>/dev/null; find "$@" -mindepth 1 -depth -delete 2>/dev/null; true';
    execFileSync('sh', ['-c', script, 'sh', ...places]);
    this.copyTemplate();
  }

  /** What belongs to somebody. QwenPaw's lock file is QwenPaw's. */
  content(): TreeSnapshot {
    const all = PLACES.flatMap((place) =>
      Object.entries(readTree(join(this.root, place))).map(([path, node]) => [`${place}/${path}`, node] as const),
    );
    return Object.fromEntries(all.filter(([path]) => !AROUND.has(path) && !path.endsWith('.qwenpaw_restore.lock')));
  }

  close(): void {
    this.sample.close();
    if (this.hasVolume) execFileSync('umount', [this.share, this.volume]);
    removeTestTree(this.root);
    removeTestTree(this.template);
  }

  private copyTemplate(): void {
    execFileSync('sh', ['-c', 'cp -a "$1"/. "$2"/', 'sh', this.template, this.root]);
  }
}

const mountVolume = (path: string): void =>
  void execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', path], { stdio: 'ignore' });
