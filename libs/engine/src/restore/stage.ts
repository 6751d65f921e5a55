import { mkdir, open, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ArchiveReader, type RewindableHmac } from '@pawvault/archive';
import { CONFIG_ENTRY, type VerifyProblem } from '@pawvault/contracts';
import { type SwapTarget, syncFileSystem } from '@pawvault/durable-fs';
import type { EngineDeps } from '../engine';
import type { JobContext } from '../job-context';
import type { ProgressMeter } from '../progress-meter';
import { invalidBackup } from '../verify/invalid-backup';
import type { FactsByName } from '../verify/manifest-facts';
import { proveContent } from '../verify/prove-content';
import { makeWayFor, Placement, type StagedModule } from './placement';
import type { PreparedPlan, RestoreTarget } from './plan/prepared-plan';

/** A target of the plan and how it is exchanged. */
export interface StagedTarget {
  target: RestoreTarget;
  swap: SwapTarget;
}

export interface StageRequest {
  prepared: PreparedPlan;
  directories: readonly StagedTarget[];
  /** config.json, when it changes. */
  config: SwapTarget | null;
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
  const { directories, config, prepared, context } = request;
  const modules = directories.map((staged) => moduleOf(staged, prepared));
  for (const { swap, target } of directories) await makeArea(swap, target);
  await unpack(deps, reader, { ...request, modules });
  for (const { swap, target } of directories) {
    context.signal.throwIfAborted();
    if (target.kind === 'agent') await writeAgentJson(swap, prepared.agentJson.get(target.id ?? ''));
    await syncFileSystem(swap.staged);
  }
  if (config !== null && prepared.config !== null) await writeConfig(config, prepared, request.facts);
}

function moduleOf({ target, swap }: StagedTarget, prepared: PreparedPlan): StagedModule {
  const written = target.kind === 'agent' && prepared.agentJson.has(target.id ?? '') ? ['agent.json'] : [];
  return {
    prefix: target.prefix,
    staged: swap.staged,
    secret: target.kind === 'secrets',
    leaveOut: new Set([...written, ...swap.carry]),
  };
}

/** Another target may have made them before: in an empty instance all agents lack the same parent. */
async function makeParents({ made_parents }: SwapTarget): Promise<void> {
  for (const parent of made_parents) await mkdir(parent, { recursive: true, mode: 0o755 });
}

async function makeArea(swap: SwapTarget, target: RestoreTarget): Promise<void> {
  await makeParents(swap);
  await mkdir(swap.staged, { mode: target.kind === 'secrets' ? 0o700 : 0o755 });
  await makeWayFor(swap.staged, swap.carry);
}

async function unpack(
  deps: EngineDeps,
  reader: ArchiveReader,
  request: StageRequest & { modules: readonly StagedModule[] },
): Promise<void> {
  const { facts, signatures, context, meter, modules } = request;
  const placement = new Placement(modules, facts);
  const problems: VerifyProblem[] = [];
  await proveContent(reader, {
    pool: deps.pool,
    signal: context.signal,
    expectedHash: (entry) => facts.get(entry.name)?.sha256?.toString('hex') ?? null,
    signatures,
    ownHeaders: false,
    wanted: (entry) => signatures.length > 0 || placement.wants(entry),
    place: (entry) => placement.place(entry),
    onProblem: (problem) => problems.push(problem),
    onProgress: (done) => meter.add(done),
  });
  const [first] = problems;
  if (first !== undefined) throw invalidBackup(first, problems.length);
  await placement.finish(reader, context.signal);
}

/** The corrected file takes the place of the one in the archive; its directory keeps its time. */
async function writeAgentJson(swap: SwapTarget, content: Buffer | undefined): Promise<void> {
  if (content === undefined) return;
  const { atimeMs, mtimeMs } = await stat(swap.staged);
  await writeFile(join(swap.staged, 'agent.json'), content, { flag: 'wx', mode: 0o644 });
  await utimes(swap.staged, atimeMs / 1000, mtimeMs / 1000);
}

/** A config.json that is the archive's to the byte takes its mode and time along; any other keeps the mode that it has here. */
async function writeConfig(config: SwapTarget, prepared: PreparedPlan, facts: FactsByName): Promise<void> {
  await makeParents(config);
  const archived = facts.get(CONFIG_ENTRY);
  const current = config.existed ? (await stat(config.path)).mode : undefined;
  const handle = await open(config.staged, 'wx', 0o600);
  try {
    await handle.writeFile(prepared.config ?? '');
    await handle.chmod(
      ((prepared.configIsVerbatim ? archived?.mode : current) ?? current ?? archived?.mode ?? 0o600) & 0o777,
    );
    if (prepared.configIsVerbatim && archived !== undefined) {
      await handle.utimes(archived.mtimeMs / 1000, archived.mtimeMs / 1000);
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
}
