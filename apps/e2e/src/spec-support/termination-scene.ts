import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CreatePayload, JobPayload, JobType, JobView, RestorePayload } from '@pawvault/contracts';
import { type RunningRedis, startRedis } from '@pawvault/embedded-redis';
import { type JobQueue, openJobQueue } from '@pawvault/queue';
import { openQuarantine, type Quarantine } from '@pawvault/store';
import { forgeZip, removeTestTree, tempDir } from '@pawvault/testing';
import { remainsIn, restorableInstance, stateOf, wreck } from './restorable-instance';
import { type Moment, startWorker, type WorkerProcess } from './worker-process';

const FULL = { include_agents: true, include_global_config: true, include_secrets: true, include_skill_pool: true };
const CREATED_AT = '2026-04-20T09:30:00.000Z';
const JOB_MS = 30_000;

export const FIRST_BACKUP = 'qwenpaw-1.1.9-20260420T093000Z-00000001';
/** Made by the job under test, by itself or before a restore. */
export const SECOND_BACKUP = 'qwenpaw-1.1.9-20260420T093000Z-00000002';

/** An import that waits to be checked, of an archive that was made here; and one that somebody has to vouch for. */
export const OWN_IMPORT = 'a'.repeat(32);
export const FOREIGN_IMPORT = 'b'.repeat(32);

/**
 * An instance with one backup that has changed since, two imports in quarantine, and a Redis. Each test begins with {@link reset}, under an
 * instance id, and so with queues, of its own.
 */
export class TerminationScene {
  readonly place = restorableInstance({ notes: 6 });
  /** The instance before its restore, and after one that nothing disturbed. */
  before!: ReturnType<typeof stateOf>;
  after!: ReturnType<typeof stateOf>;
  queue!: JobQueue;
  private readonly template = tempDir('template');
  private readonly outside = tempDir('termination');
  private readonly running: WorkerProcess[] = [];
  private holder: ChildProcess | null = null;
  private instances = 0;

  private constructor(
    private readonly redis: RunningRedis,
    private readonly redisDir: string,
  ) {}

  static async open(): Promise<TerminationScene> {
    const logger = { info: () => undefined, warn: () => undefined };
    const options = { instanceId: 'termination', redisUrl: null, production: true, logger };
    const stateDir = mkdtempSync(join(tmpdir(), 'pawvault-redis-'));
    const scene = new TerminationScene(await startRedis({ stateDir, ...options }), stateDir);
    await scene.prepare();
    return scene;
  }

  /** Everything as it was, and nobody at work. */
  async reset(): Promise<void> {
    await this.settle();
    this.restoreTemplate();
    this.instances += 1;
    this.queue = openJobQueue({ redisUrl: this.redis.url, instanceId: this.instanceId });
  }

  async close(): Promise<void> {
    await this.settle();
    await this.redis.stop();
    removeTestTree(this.redisDir);
  }

  worker({ env = {}, moment }: { env?: Record<string, string>; moment?: Omit<Moment, 'under' | 'report'> } = {}) {
    const own = { REDIS_URL: this.redis.url, PAWVAULT_INSTANCE_ID: this.instanceId };
    const quiesce = {
      PAWVAULT_QUIESCE_COMMAND_BEFORE: this.say('rest'),
      PAWVAULT_QUIESCE_COMMAND_AFTER: this.say('wake'),
    };
    const full = moment && { ...moment, under: this.place.root, report: this.report };
    const worker = startWorker({ ...this.place.env, ...own, ...quiesce, ...env }, full);
    this.running.push(worker);
    return worker;
  }

  async run<T extends JobType>(type: T, payload: JobPayload<T>): Promise<JobView> {
    return this.ended(await this.queue.add(type, payload));
  }

  async ended({ id }: JobView): Promise<JobView> {
    const view = await this.queue.waitFor(id, { timeoutMs: JOB_MS });
    if (view.finished_at === null) throw new Error(`Has not ended: ${JSON.stringify(view)}`);
    return view;
  }

  readonly create = (short_id: string): CreatePayload => ({
    name: 'Before',
    description: '',
    scope: FULL,
    agents: 'all',
    created_at: CREATED_AT,
    short_id,
  });

  readonly restore = (): RestorePayload => {
    const modules = { include_global_config: false, include_skill_pool: false, include_secrets: false };
    const choices = { default_workspace_dir: null, preserve_local_protected_config: null, trust_mode: null };
    const first = { pre_restore_backup: { created_at: CREATED_AT, short_id: '00000002' }, plan_hash: null };
    return { backup_id: FIRST_BACKUP, mode: 'full', agent_ids: [], ...modules, ...choices, ...first };
  };

  /** When the worker was sent its SIGTERM, in milliseconds since 1970, and at which call; null when it was not. */
  sent(): { at: number; call: string } | null {
    const [at, ...call] = existsSync(this.report) ? readFileSync(this.report, 'utf8').trim().split(' ') : [];
    return at === undefined ? null : { at: Number(at), call: call.join(' ') };
  }

  /** A shell command that does the same by hand. */
  terminateParent(): string {
    return `echo "$(date +%s%3N) command" > '${this.report}'; kill -TERM "$PPID"`;
  }

  /** A directory for the PATH in which `flock` first ends its caller. */
  terminatingFlock(): string {
    const directory = join(this.outside, 'bin');
    const real = execFileSync('sh', ['-c', 'command -v flock'], { encoding: 'utf8' }).trim();
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, 'flock'), `#!/bin/sh\n${this.terminateParent()}\nexec ${real} "$@"\n`);
    chmodSync(join(directory, 'flock'), 0o755);
    return directory;
  }

  /** As QwenPaw does while it starts. */
  async holdLock(): Promise<void> {
    const holder = spawn('flock', [this.lockFile, 'sh', '-c', 'echo locked; exec cat']);
    this.holder = holder;
    await once(holder.stdout, 'data');
  }

  async releaseLock(): Promise<void> {
    const { holder } = this;
    this.holder = null;
    if (holder === null) return;
    const ended = once(holder, 'exit');
    holder.stdin?.end();
    await ended;
  }

  /** What the commands that bring QwenPaw to rest and wake it have done, in order. */
  said(): string[] {
    return existsSync(this.saidFile) ? readFileSync(this.saidFile, 'utf8').trim().split('\n') : [];
  }

  /** Whatever a job leaves behind that has not cleaned up: work, staging, journals, temporary files, a lock that is held. */
  left(): string[] {
    const backups = readdirSync(this.place.backupDir, { recursive: true, encoding: 'utf8' });
    const held = existsSync(this.lockFile) && !isFree(this.lockFile) ? ['the lock'] : [];
    return [...backups.filter((path) => /\.tmp$|[/]work[/]/.test(path)), ...remainsIn(this.place), ...held];
  }

  private get instanceId(): string {
    return `t${this.instances}`;
  }

  private get report(): string {
    return join(this.outside, 'sent');
  }

  private get saidFile(): string {
    return join(this.outside, 'said');
  }

  private get lockFile(): string {
    return join(this.place.workingDir, '.qwenpaw_restore.lock');
  }

  say(word: string): string {
    return `echo ${word} >> '${this.saidFile}'`;
  }

  get quarantine(): Quarantine {
    return openQuarantine({ backupDir: this.place.backupDir, clock: () => new Date() });
  }

  private async prepare(): Promise<void> {
    this.queue = openJobQueue({ redisUrl: this.redis.url, instanceId: this.instanceId });
    this.worker();
    const { place } = this;
    await this.run('backup.create', this.create('00000001'));
    const { quarantine } = this;
    await upload(quarantine, OWN_IMPORT, readFileSync(join(place.backupDir, `${FIRST_BACKUP}.zip`)));
    await upload(quarantine, FOREIGN_IMPORT, foreignArchive());
    await this.run('import.check', { import_id: FOREIGN_IMPORT });
    wreck(place);
    execFileSync('cp', ['-a', `${place.root}/.`, this.template]);
    this.before = stateOf(place);
    const { state } = await this.run('backup.restore', this.restore());
    if (state !== 'completed') throw new Error(`The restore to compare with is ${state}`);
    this.after = stateOf(place);
  }

  private restoreTemplate(): void {
    removeTestTree(this.place.root);
    mkdirSync(this.place.root);
    execFileSync('cp', ['-a', `${this.template}/.`, this.place.root]);
    for (const file of [this.report, this.saidFile]) rmSync(file, { force: true });
  }

  private async settle(): Promise<void> {
    for (const { child, exited } of this.running.splice(0)) {
      child.kill('SIGKILL');
      await exited;
    }
    await this.releaseLock();
    await this.queue.close();
  }
}

async function upload(quarantine: Quarantine, id: string, archive: Buffer): Promise<void> {
  await quarantine.reserve({ id, fileName: 'upload.zip', trustMode: null });
  writeFileSync(quarantine.archivePath(id), archive);
  await quarantine.admit(id);
}

/** Not signed. */
function foreignArchive(): Buffer {
  const scope = { ...FULL, include_global_config: false, include_secrets: false, include_skill_pool: false };
  const facts = { id: 'foreign', name: 'Foreign', description: '', created_at: CREATED_AT, version: '1', scope };
  const meta = JSON.stringify({ ...facts, agent_count: 1, qwenpaw_version: '1', system_info: {} });
  return forgeZip([
    { name: 'meta.json', content: meta },
    { name: 'data/workspaces/a/agent.json', content: '{"id": "a"}' },
  ]);
}

function isFree(lockFile: string): boolean {
  try {
    execFileSync('flock', ['--nonblock', lockFile, 'true']);
    return true;
  } catch {
    return false;
  }
}
