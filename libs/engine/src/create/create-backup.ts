import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type ArchiveLimits, encodeMeta, ensureSigningKey, openArchive, readManifestHead } from '@pawvault/archive';
import {
  type CreatePayload,
  type CreateResult,
  DomainError,
  type ExclusionCount,
  formatBackupId,
  type JobWarning,
  MANIFEST_VERSION,
  type ManifestHead,
  type Omission,
} from '@pawvault/contracts';
import { errnoOf, publishFile, removeTree, toDomainError } from '@pawvault/durable-fs';
import type { EngineDeps } from '../engine';
import { GENERATOR } from '../generator';
import type { JobContext } from '../job-context';
import { ProgressMeter } from '../progress-meter';
import { ExclusionTally } from '../walk/exclude-rules';
import { openWorkDir } from '../work-dir';
import { ArchiveSink } from './archive-sink';
import type { Ledger } from './batches';
import { type ModuleTotals, packSources } from './pack-sources';
import { type BackupPlan, planBackup } from './plan-backup';
import type { Rescue } from './rescue';

/** The result of a job is small; the manifest holds every omission. */
const RESULT_OMISSIONS = 100;

/**
 * Makes a backup: plan → pack in one pass → finish → publish under the final name.
 * Delivered twice, it makes one backup: the id is fixed in the payload, and what is published already is reported again.
 * @throws DomainError as {@link planBackup}, and ARCHIVE_LIMIT_EXCEEDED, DISK_FULL, PERMISSION_DENIED, IO_ERROR, SIGNING_KEY_INVALID; on cancel the
 *   reason of the signal. Nothing is left behind in either case.
 * @param rescue what else is taken, because a restore that follows would destroy it
 */
export async function createBackup(
  deps: EngineDeps,
  payload: CreatePayload,
  context: JobContext,
  rescue: Rescue | null = null,
): Promise<CreateResult> {
  const started = performance.now();
  const done = (made: Made): CreateResult => resultOf(made, Math.round(performance.now() - started));
  try {
    const published = await findPublished(deps, payload);
    if (published !== null) return done(await readBack(deps, published));
    context.onProgress(new ProgressMeter({ bytes: 0, files: 0, agents: 0 }, () => undefined).snapshot('scanning'));
    const plan = await planBackup(deps, { payload, rescue }, context);
    try {
      return done(await carryOut(deps, plan, context));
    } finally {
      plan.close();
    }
  } catch (error) {
    context.signal.throwIfAborted();
    throw toDomainError(error);
  }
}

async function carryOut(deps: EngineDeps, plan: BackupPlan, context: JobContext): Promise<Made> {
  plan.warnings.forEach((warning) => context.warn(warning));
  const workDir = await openWorkDir(deps.directories.backup_dir, context.jobId);
  try {
    return await writeArchive(deps, { plan, workDir, context });
  } finally {
    await removeTree(workDir).catch(() => undefined);
  }
}

/** What is known of a finished archive. */
interface Made {
  backupId: string;
  size: number;
  head: ManifestHead;
}

interface Writing {
  plan: BackupPlan;
  workDir: string;
  context: JobContext;
}

async function writeArchive(deps: EngineDeps, { plan, workDir, context }: Writing): Promise<Made> {
  const { pool, level } = deps;
  const { meta, canonicalMeta } = plan;
  const { signal } = context;
  const key = await ensureSigningKey(deps.directories.backup_dir);
  const sink = await ArchiveSink.create({
    workDir,
    key,
    canonicalMeta,
    createdAtMs: Date.parse(meta.created_at),
    level,
    pool,
  });
  try {
    const totals = { ...plan.totals, agents: plan.agents.length };
    const meter = new ProgressMeter(totals, (progress) => context.onProgress(progress));
    const ledger = new BackupLedger(plan.omissions, { context, meter });
    const packed = await packSources(plan.sources, plan.scans, { sink, workDir, signal, ledger, meter, pool, level });
    meter.enter('finishing', null);
    ledger.warnOfOmissions();
    const head = manifestHead(plan, { sink, packed, ledger });
    const size = await sink.finish(head, (signatures) => encodeMeta(meta, signatures));
    await proveReadable(sink.path, deps.limits);
    signal.throwIfAborted();
    const fileName = `${meta.id}.zip`;
    const mine = await publish(sink.path, join(deps.directories.backup_dir, fileName));
    return mine ? { backupId: meta.id, size, head } : await readBack(deps, fileName);
  } catch (error) {
    await sink.abort();
    throw error;
  }
}

/** What nobody could open again is no backup: the limits hold for what is written as for what is read. */
async function proveReadable(path: string, limits: ArchiveLimits): Promise<void> {
  const reader = await openArchive(path, limits);
  await reader.close();
}

/** @returns false when another attempt at this very job was faster; what it published is as good */
async function publish(temporary: string, target: string): Promise<boolean> {
  try {
    await publishFile(temporary, target);
    return true;
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error;
    return false;
  }
}

/** Collects what is left out, for the manifest. */
class BackupLedger implements Ledger {
  readonly omissions: Omission[];
  private readonly tally = new ExclusionTally();

  constructor(
    known: readonly Omission[],
    private readonly ports: { context: JobContext; meter: ProgressMeter },
  ) {
    this.omissions = [...known];
  }

  get exclusions(): ExclusionCount[] {
    return this.tally.list();
  }

  omit(omission: Omission): void {
    this.omissions.push(omission);
  }

  exclude(rule: string, files: number, bytes: number): void {
    this.tally.add(rule, files, bytes);
  }

  warn(warning: JobWarning): void {
    this.ports.context.warn(warning);
  }

  skip(done: { files: number; bytes: number }): void {
    this.ports.meter.add(done);
  }

  warnOfOmissions(): void {
    const count = this.omissions.length;
    if (count === 0) return;
    const message = `${count === 1 ? 'One path was' : `${count} paths were`} in scope and could not be captured`;
    this.warn({ code: 'PATHS_OMITTED', message, details: { count } });
  }
}

function manifestHead(
  plan: BackupPlan,
  done: { sink: ArchiveSink; packed: ModuleTotals; ledger: BackupLedger },
): ManifestHead {
  const { sink, packed, ledger } = done;
  const agents = plan.agents.map(
    ({ id, name }) => [id, { name, ...(packed.agents.get(id) ?? { files: 0, bytes: 0 }) }] as const,
  );
  return {
    version: MANIFEST_VERSION,
    backup_id: plan.meta.id,
    generator: GENERATOR,
    entry_count: sink.count,
    total_bytes: packed.bytes,
    agents: Object.fromEntries(agents),
    modules: packed.modules,
    omissions: ledger.omissions,
    exclusions: ledger.exclusions,
  };
}

/** The file of an earlier attempt at the same job, by the part of the id that the payload fixes. */
async function findPublished(deps: EngineDeps, payload: CreatePayload): Promise<string | null> {
  const suffix = formatBackupId('x', new Date(payload.created_at), payload.short_id).slice('qwenpaw-x'.length);
  const names = await readdir(deps.directories.backup_dir).catch(() => []);
  return names.find((name) => name.endsWith(`${suffix}.zip`)) ?? null;
}

async function readBack(deps: EngineDeps, fileName: string): Promise<Made> {
  const reader = await openArchive(join(deps.directories.backup_dir, fileName), deps.limits);
  try {
    const head = await readManifestHead(reader);
    if (head === null) throw new DomainError('BACKUP_INVALID', undefined, { file_name: fileName });
    return { backupId: (await reader.meta(deps.limits)).id, size: reader.size, head };
  } finally {
    await reader.close();
  }
}

function resultOf({ backupId, size, head }: Made, durationMs: number): CreateResult {
  const parts = [...Object.values(head.agents), ...Object.values(head.modules)];
  return {
    backup_id: backupId,
    size,
    agents: Object.keys(head.agents),
    files: parts.reduce((sum, { files }) => sum + files, 0),
    bytes: head.total_bytes,
    omissions: head.omissions.slice(0, RESULT_OMISSIONS),
    omission_count: head.omissions.length,
    exclusions: head.exclusions,
    duration_ms: durationMs,
  };
}
