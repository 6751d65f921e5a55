import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeMeta, ensureSigningKey, openArchive, readManifestHead } from '@pawvault/archive';
import {
  type CreatePayload,
  type CreateResult,
  formatBackupId,
  type ManifestHead,
  MANIFEST_VERSION,
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
import { packSources, type ModuleTotals } from './pack-sources';
import { type BackupPlan, planBackup } from './plan-backup';

/** The result of a job is small; the manifest holds every omission. */
const RESULT_OMISSIONS = 100;

/**
 * Makes a backup: plan → pack in one pass → finish → publish under the final name.
 * Delivered twice, it makes one backup: the id is fixed in the payload, and what is published already is reported again.
 * @throws DomainError as {@link planBackup}, and DISK_FULL, PERMISSION_DENIED, IO_ERROR, SIGNING_KEY_INVALID; on cancel the
 *   reason of the signal. Nothing is left behind in either case.
 */
export async function createBackup(
  deps: EngineDeps,
  payload: CreatePayload,
  context: JobContext,
): Promise<CreateResult> {
  const started = performance.now();
  const backupDir = deps.directories.backup_dir;
  try {
    const published = await findPublished(deps, payload);
    if (published !== null) return await resultOf(deps, published, started);
    context.onProgress(new ProgressMeter({ bytes: 0, files: 0, agents: 0 }, () => undefined).snapshot('scanning'));
    const plan = await planBackup(deps, payload, context);
    for (const warning of plan.warnings) context.warn(warning);
    const workDir = await openWorkDir(backupDir, context.jobId);
    try {
      await writeArchive(deps, { plan, workDir, context });
    } finally {
      await removeTree(workDir).catch(() => undefined);
    }
    return await resultOf(deps, `${plan.meta.id}.zip`, started);
  } catch (error) {
    context.signal.throwIfAborted();
    throw toDomainError(error);
  }
}

interface Writing {
  plan: BackupPlan;
  workDir: string;
  context: JobContext;
}

async function writeArchive(deps: EngineDeps, { plan, workDir, context }: Writing): Promise<void> {
  const key = await ensureSigningKey(deps.directories.backup_dir);
  const { meta, canonicalMeta } = plan;
  const createdAtMs = Date.parse(meta.created_at);
  const sink = await ArchiveSink.create({ workDir, key, canonicalMeta, createdAtMs, level: deps.level });
  try {
    const exclusions = new ExclusionTally();
    const omissions: Omission[] = [...plan.omissions];
    const meter = new ProgressMeter({ ...plan.totals, agents: plan.agents.length }, (progress) =>
      context.onProgress(progress),
    );
    const ledger = {
      omit: (omission: Omission) => omissions.push(omission),
      warn: context.warn.bind(context),
      exclude: exclusions.add.bind(exclusions),
      skip: meter.add.bind(meter),
    };
    const totals = await packSources(deps, plan.sources, { sink, workDir, signal: context.signal, ledger, meter });
    meter.enter('finishing', null);
    const head = manifestHead(plan, { sink, totals, omissions, exclusions });
    warnOfOmissions(context, omissions);
    await sink.finish(head, (signatures) => encodeMeta(meta, signatures));
    context.signal.throwIfAborted();
    await publish(sink.path, join(deps.directories.backup_dir, `${meta.id}.zip`));
  } catch (error) {
    await sink.abort();
    throw error;
  }
}

/** EEXIST: another attempt at this very job was faster, and what it published is as good. */
async function publish(temporary: string, target: string): Promise<void> {
  try {
    await publishFile(temporary, target);
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error;
  }
}

function manifestHead(
  plan: BackupPlan,
  packed: { sink: ArchiveSink; totals: ModuleTotals; omissions: Omission[]; exclusions: ExclusionTally },
): ManifestHead {
  const { sink, totals, omissions, exclusions } = packed;
  const agents = plan.agents.map(
    ({ id, name }) => [id, { name, ...(totals.agents.get(id) ?? { files: 0, bytes: 0 }) }] as const,
  );
  return {
    version: MANIFEST_VERSION,
    backup_id: plan.meta.id,
    generator: GENERATOR,
    entry_count: sink.count,
    total_bytes: totals.bytes,
    agents: Object.fromEntries(agents),
    modules: totals.modules,
    omissions,
    exclusions: exclusions.list(),
  };
}

function warnOfOmissions(context: JobContext, omissions: Omission[]): void {
  if (omissions.length === 0) return;
  const count = omissions.length === 1 ? 'One path was' : `${omissions.length} paths were`;
  context.warn({
    code: 'PATHS_OMITTED',
    message: `${count} in scope and could not be captured`,
    details: { count: omissions.length },
  });
}

/** The file of an earlier attempt at the same job, by the part of the id that the payload fixes. */
async function findPublished(deps: EngineDeps, payload: CreatePayload): Promise<string | null> {
  const suffix = formatBackupId('x', new Date(payload.created_at), payload.short_id).slice('qwenpaw-x'.length);
  const names = await readdir(deps.directories.backup_dir).catch(() => []);
  return names.find((name) => name.endsWith(`${suffix}.zip`)) ?? null;
}

/** Reads the result back from what was published: it is then true for a second attempt as well. */
async function resultOf(deps: EngineDeps, fileName: string, started: number): Promise<CreateResult> {
  const reader = await openArchive(join(deps.directories.backup_dir, fileName), deps.limits);
  try {
    const head = await readManifestHead(reader);
    const meta = await reader.meta(deps.limits);
    const totals = [...Object.values(head?.agents ?? {}), ...Object.values(head?.modules ?? {})];
    return {
      backup_id: meta.id,
      size: reader.size,
      agents: Object.keys(head?.agents ?? {}),
      files: totals.reduce((sum, { files }) => sum + files, 0),
      bytes: totals.reduce((sum, { bytes }) => sum + bytes, 0),
      omissions: head?.omissions.slice(0, RESULT_OMISSIONS) ?? [],
      omission_count: head?.omissions.length ?? 0,
      exclusions: head?.exclusions ?? [],
      duration_ms: Math.round(performance.now() - started),
    };
  } finally {
    await reader.close();
  }
}
