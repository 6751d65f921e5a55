import { constants, fstatSync } from 'node:fs';
import { open as openFile } from 'node:fs/promises';
import type { ArchiveReader, RewindableHmac } from '@pawvault/archive';
import { CONFIG_ENTRY, type VerifyProblem } from '@pawvault/contracts';
import { giveOpened, type OpenTarget, stagedName, type SwapTransaction, syncFileSystem } from '@pawvault/durable-fs';
import type { EngineDeps } from '../engine';
import type { JobContext } from '../job-context';
import type { ProgressMeter } from '../progress-meter';
import { invalidBackup } from '../verify/invalid-backup';
import type { FactsByName } from '../verify/manifest-facts';
import { proveContent } from '../verify/prove-content';
import type { PreparedPlan } from './plan/prepared-plan';
import { StagingArea } from './staging-area';
import { DirectoryCache, writeFileOnce } from './write-file';

export interface StageRequest {
  prepared: PreparedPlan;
  /** One target per directory of the plan, in its order; after them config.json, when it changes. */
  transaction: SwapTransaction;
  facts: FactsByName;
  /** Fed with all content; empty when only what is wanted has to be read. */
  signatures: readonly RewindableHmac[];
  context: JobContext;
  meter: ProgressMeter;
}

/**
 * Unpacks everything that is to go live beside its place, proving each byte on the way, prepares the configuration, and makes it all
 * durable. Nothing live is touched.
 * @throws DomainError with the first problem of the archive; DISK_FULL and other system errors
 */
export async function stageAll(deps: EngineDeps, reader: ArchiveReader, request: StageRequest): Promise<void> {
  const { prepared, transaction, facts, context } = request;
  const areas: StagingArea[] = [];
  try {
    for (const [i, planned] of prepared.targets.entries()) {
      const open = transaction.targets[i];
      if (open === undefined) throw new RangeError('a target without its place');
      const rewritten = new Set(prepared.agentJson.has(planned.id ?? '') ? ['agent.json'] : []);
      areas.push(StagingArea.make(planned, open, { reader, facts, owners: prepared.owners, rewritten }));
    }
    await unpack(deps, reader, { ...request, areas });
    for (const [i, area] of areas.entries()) {
      context.signal.throwIfAborted();
      writeAgentJson(area, prepared);
      const target = transaction.targets[i]?.target;
      const after = await area.finish(context.signal);
      if (target !== undefined) target.after = after;
      await syncFileSystem(area.path);
    }
  } finally {
    areas.forEach((area) => area.close());
  }
  const config = transaction.targets[prepared.targets.length];
  if (config !== undefined) await writeConfig(config, prepared, facts);
}

async function unpack(
  deps: EngineDeps,
  reader: ArchiveReader,
  request: StageRequest & { areas: readonly StagingArea[] },
): Promise<void> {
  const { facts, signatures, context, meter, areas } = request;
  const problems: VerifyProblem[] = [];
  await proveContent(reader, {
    pool: deps.pool,
    signal: context.signal,
    expectedHash: (entry) => facts.get(entry.name)?.sha256?.toString('hex') ?? null,
    signatures,
    ownHeaders: false,
    wanted: (entry) => signatures.length > 0 || areas.some((area) => area.wants(entry)),
    place: (entry) => areas.find((area) => area.wants(entry))?.place(entry) ?? null,
    onProblem: (problem) => problems.push(problem),
    onProgress: (done) => meter.add(done),
  });
  const [first] = problems;
  if (first !== undefined) throw invalidBackup(first, problems.length);
}

/** The corrected file takes the place of the one in the archive. */
function writeAgentJson(area: StagingArea, prepared: PreparedPlan): void {
  const content = prepared.agentJson.get(area.planned.id ?? '');
  if (content === undefined || area.planned.kind !== 'agent') return;
  const directories = new DirectoryCache();
  try {
    writeFileOnce(
      area.fileAt('agent.json', { mode: area.archivedMode('agent.json'), mtimeMs: null }),
      content,
      directories,
    );
  } finally {
    directories.close();
  }
}

/** A config.json that is the archive's to the byte takes its mode and time along; any other keeps the mode that it has here. */
async function writeConfig(config: OpenTarget, prepared: PreparedPlan, facts: FactsByName): Promise<void> {
  if (config.work === null) throw new RangeError('the target has not been prepared');
  const archived = facts.get(CONFIG_ENTRY);
  const current = prepared.currentConfig;
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  const handle = await openFile(config.work.at(stagedName(config)), flags, 0o600);
  try {
    const { dev, ino } = await handle.stat();
    config.fresh = { dev, ino };
    await handle.writeFile(prepared.config ?? '');
    const mode =
      (prepared.configIsVerbatim ? archived?.mode : current?.mode) ?? current?.mode ?? archived?.mode ?? 0o600;
    await handle.chmod(mode & 0o777);
    if (prepared.configIsVerbatim && archived !== undefined) {
      await handle.utimes(archived.mtimeMs / 1000, archived.mtimeMs / 1000);
    }
    giveOpened(handle.fd, current ?? fstatSync(config.area.fd));
    await handle.sync();
  } finally {
    await handle.close();
  }
}
