import { arch, platform, release, version as osVersion } from 'node:os';
import { mkdir } from 'node:fs/promises';
import { encodeMeta, parseMeta } from '@pawvault/archive';
import {
  type BackupMeta,
  type CreatePayload,
  DomainError,
  formatBackupId,
  isEmptySelection,
  type JobWarning,
  META_VERSION,
  type SystemInfo,
} from '@pawvault/contracts';
import { freeBytes, toDomainError } from '@pawvault/durable-fs';
import type { EngineDeps } from '../engine';
import { ScanFindings } from '../walk/scan-findings';
import { type Scan, scanSource } from '../walk/scan-source';
import { qwenpawVersion } from '../instance/qwenpaw-version';
import { type ConfigState, readRegistry, type Registry } from '../instance/registry';
import { planSources, type SourcePlan } from '../instance/sources';
import type { JobContext } from '../job-context';
import type { Rescue } from './rescue';

/** Everything that is decided before the first byte is written. */
export interface BackupPlan extends SourcePlan {
  meta: BackupMeta;
  /** What both signatures cover of the meta. */
  canonicalMeta: string;
  /** As counted now; the instance goes on living. */
  totals: { files: number; bytes: number };
  /** One per source, in the same order. */
  scans: Scan[];
}

/** What is to be backed up. */
export interface BackupRequest {
  payload: CreatePayload;
  rescue: Rescue | null;
}

/** A backup of text shrinks to a quarter at best; with less room than that, starting is a waste of an hour. */
const BEST_RATIO = 4;
/** About 20 MB of listing; larger instances are walked a second time. */
const HELD_ITEMS = 64_000;
/** Also for the copies of small databases, of which a few exist at once; of large ones there is never more than one. */
const MARGIN_BYTES = 16 * 1024 * 1024;

/**
 * Decides what goes into a backup and whether it can fit.
 * @throws DomainError NOTHING_SELECTED, INSTANCE_NOT_FOUND, INSTANCE_CONFIG_INVALID, AGENT_NOT_FOUND, DISK_FULL, PERMISSION_DENIED
 */
export async function planBackup(deps: EngineDeps, request: BackupRequest, context: JobContext): Promise<BackupPlan> {
  const { payload, rescue } = request;
  if (isEmptySelection(payload)) throw new DomainError('NOTHING_SELECTED');
  const registry = await registryFor(deps, rescue);
  const selection = { scope: payload.scope, agents: payload.agents };
  const sources = await planSources({ directories: deps.directories, registry }, selection, deps);
  try {
    const scanned = await scanAll(
      rescue === null ? deps : { ...deps, alsoTaken: rescue.paths },
      sources,
      context.signal,
    );
    await checkSpace(deps, scanned, context);
    const meta = await describe(deps, { payload, agentCount: sources.agents.length }, context.signal);
    const { totals, scans } = scanned;
    const warnings = [...sources.warnings, ...mountWarning(scanned.findings)];
    return { ...sources, warnings, meta, canonicalMeta: parseMeta(encodeMeta(meta, null)).canonical, totals, scans };
  } catch (error) {
    sources.close();
    throw error;
  }
}

type ScanDeps = Parameters<typeof scanSource>[0];

/** Before a restore that brings back a config.json, one that cannot be read is no obstacle: it is packed as it is. */
async function registryFor(deps: EngineDeps, rescue: Rescue | null): Promise<Registry & { config: ConfigState }> {
  if (rescue === null) return readRegistry(deps.directories);
  const registry = await readRegistry(deps.directories).catch((error: unknown) => {
    if (error instanceof DomainError && error.code === 'INSTANCE_CONFIG_INVALID')
      return { agents: [], unusableIds: [], activeAgent: null, config: unreadable(error) };
    throw error;
  });
  const known = new Set(registry.agents.map(({ id }) => id));
  return { ...registry, agents: [...registry.agents, ...rescue.agents.filter(({ id }) => !known.has(id))] };
}

function unreadable({ message, details }: DomainError): ConfigState {
  const { path, line, column, reason } = details;
  const at = (value: unknown): number => (typeof value === 'number' ? value : 1);
  const fault = { line: at(line), column: at(column), reason: typeof reason === 'string' ? reason : message };
  return { path: String(path), repaired: null, notRestorable: fault };
}

interface Scanned extends Pick<BackupPlan, 'totals' | 'scans'> {
  findings: ScanFindings;
}

async function scanAll(deps: ScanDeps, { sources }: SourcePlan, signal: AbortSignal): Promise<Scanned> {
  const scanned: Scanned = { totals: { files: 0, bytes: 0 }, scans: [], findings: new ScanFindings() };
  let hold = HELD_ITEMS;
  for (const source of sources) {
    const scan = await scanSource(deps, source, { signal, hold });
    scanned.scans.push(scan);
    hold = Math.max(0, hold - scan.total.files);
    scanned.totals.files += scan.total.files;
    scanned.totals.bytes += scan.total.bytes;
    scanned.findings.add(scan.findings);
  }
  return scanned;
}

function mountWarning({ mounts, mountCount }: ScanFindings): JobWarning[] {
  if (mountCount === 0) return [];
  const message = `${mountCount === 1 ? 'One place' : `${mountCount} places`} inside the instance on which something is mounted: what is there is in the backup`;
  return [{ code: 'MOUNT_INCLUDED', message, details: { paths: mounts, count: mountCount } }];
}

/** Files with holes count with what they take on disk: runs of zeros shrink to nothing. */
async function checkSpace(deps: EngineDeps, { totals, findings }: Scanned, context: JobContext): Promise<void> {
  const path = deps.directories.backup_dir;
  try {
    await mkdir(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw toDomainError(error, path);
  }
  const free = await freeBytes(path);
  const extra = findings.largestCopy + MARGIN_BYTES;
  const details = {
    path,
    free_bytes: free,
    content_bytes: totals.bytes,
    occupied_bytes: findings.occupied,
    database_copy_bytes: findings.largestCopy,
    needed_bytes: Math.ceil(findings.occupied / BEST_RATIO) + extra,
    largest_files: findings.largestFiles,
  };
  if (free < details.needed_bytes)
    throw new DomainError('DISK_FULL', 'The backup would not fit even if it compressed very well', details);
  if (free < findings.occupied + extra) {
    context.warn({ code: 'DISK_SPACE_LOW', message: 'The backup fits only if it compresses well', details });
  }
}

async function describe(
  deps: EngineDeps,
  facts: { payload: CreatePayload; agentCount: number },
  signal: AbortSignal,
): Promise<BackupMeta> {
  const { payload, agentCount } = facts;
  const version = await qwenpawVersion(deps, signal);
  return {
    id: formatBackupId(version, new Date(payload.created_at), payload.short_id),
    name: payload.name,
    description: payload.description,
    created_at: payload.created_at,
    version: META_VERSION,
    scope: payload.scope,
    agent_count: agentCount,
    qwenpaw_version: version,
    system_info: systemInfo(),
    accepted_via_trust: false,
  };
}

/** QwenPaw's keys where they have a counterpart; strings only, so that no number format can matter to the signature. */
const systemInfo = (): SystemInfo => ({
  os: { linux: 'Linux', darwin: 'Darwin', win32: 'Windows' }[platform() as string] ?? platform(),
  os_version: osVersion(),
  os_release: release(),
  machine: arch() === 'x64' ? 'x86_64' : arch(),
  runtime: 'node',
  runtime_version: process.versions.node,
});
