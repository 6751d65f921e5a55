import type { ArchiveReader, SignedMeta } from '@pawvault/archive';
import { CONFIG_ENTRY, type JobWarning, type RestorePlanPayload, type TrustState } from '@pawvault/contracts';
import { type Owner, targetChanged, toDomainError } from '@pawvault/durable-fs';
import type { EngineDeps } from '../../engine';
import { configRepaired } from '../../instance/config-warnings';
import { unknownEntriesWarnings } from '../../verify/unknown-entries';
import { type AgentDocuments, readAgentDocuments, readArchivedConfig } from './archive-documents';
import { checkDestinations } from './check-destinations';
import { refuseUntrustedLinks } from './check-links';
import { chooseTargets, keepingMasterKey } from './choose-targets';
import { type CurrentInstance, readCurrentInstance } from './current-instance';
import { chooseDestinations, type Destination } from './destinations';
import { assertKeptPlacesFit } from './kept-places';
import { listPaths } from './list-paths';
import { decideMasterKey, type MasterKeyDecision } from './master-key';
import { readManifestRecords } from './manifest-records';
import { type MeasuredTarget, measureTargets } from './measure-targets';
import { inspectOccupied } from './occupied-destinations';
import { locateOccupied } from './occupied-places';
import { type CaseProbe, locate, probePerDevice } from './place';
import { planConfig } from './plan-config';
import type { PreparedPlan, RestoreTarget } from './prepared-plan';
import { printPlan } from './print-plan';
import { archiveParts, resolveRequest, type Wanted } from './resolve-request';
import { decideTrust } from './trust-decision';

export interface PlanOptions {
  signal: AbortSignal;
  /** What is known of the archive's signature; 'unchecked' is planned as the instance's own, see `preservesProtectedKeys`. */
  trust: TrustState;
  /** For tests: whether a directory tells upper from lower case. */
  foldsCase?: CaseProbe;
}

/**
 * Decides what a restore would do, and changes nothing. The same archive, instance and payload give the same plan.
 * @throws DomainError ARCHIVE_VERSION_UNSUPPORTED, RESTORE_NEEDS_FULL_BACKUP, NOTHING_SELECTED, RESTORE_AGENT_NOT_IN_BACKUP,
 *   RESTORE_DESTINATION_REFUSED, INSTANCE_NOT_FOUND, INSTANCE_CONFIG_INVALID, BACKUP_INVALID, backup_* for lack of trust, ARCHIVE_* for
 *   damage that shows; PERMISSION_DENIED, IO_ERROR; the reason of the signal when it is aborted
 */
export async function planRestore(
  deps: EngineDeps,
  reader: ArchiveReader,
  payload: RestorePlanPayload,
  options: PlanOptions,
): Promise<PreparedPlan> {
  try {
    return await prepare(deps, reader, { payload, options });
  } catch (error) {
    options.signal.throwIfAborted();
    // What was there a moment ago and is gone has been exchanged: that names the path and what to do.
    throw toDomainError(targetChanged(error));
  }
}

async function prepare(
  deps: EngineDeps,
  reader: ArchiveReader,
  request: { payload: RestorePlanPayload; options: PlanOptions },
): Promise<PreparedPlan> {
  const { payload, options } = request;
  const meta = await reader.meta(deps.limits);
  decideTrust(options.trust, payload.trust_mode);
  const wanted = resolveRequest(payload, { meta, parts: archiveParts(reader) });
  const current = await readCurrentInstance(deps.directories, payload.mode);
  const placed = await placeTargets(reader, current, { wanted, payload, options });
  const archived = await readArchivedConfig(
    reader,
    wanted.modules.global_config === 'restore' ? 'required' : 'optional',
  );
  const documents = await readAgentDocuments(reader, placed.destinations, current.directories.working_dir);
  const config = planConfig({ payload, trust: options.trust, meta, wanted, current, archived, ...placed });
  const compared = await compareTargets(deps, reader, { request, meta, targets: placed.targets, documents });
  const { measured } = compared;
  const warnings = [
    ...unknownEntriesWarnings(reader.entries),
    ...current.warnings,
    ...(archived === null || archived.fault === null ? [] : [configRepaired({ entry: CONFIG_ENTRY }, archived.fault)]),
    ...placed.warnings,
    ...documents.warnings,
    ...config.warnings,
    ...measured.flatMap((target) => target.warnings),
  ];
  const paths = listPaths({ wanted, current, config, measured });
  const decided = { entries: reader.entries, meta, payload, wanted, current, ...placed, documents, config, measured };
  return {
    plan: printPlan({ ...decided, paths, warnings }),
    paths,
    targets: measured.map(({ target }) => target),
    unmadeLinks: measured.flatMap(({ target }) => target.future.unmadeLinks.map((path) => `${target.prefix}${path}`)),
    owners: compared.owners,
    config: config.bytes,
    configPath: current.configPath,
    currentConfig: current.configStat,
    configIsVerbatim: config.verbatim,
    agentJson: documents.corrected,
  };
}

/** What of the live trees stays, goes and changes, and whose the restored files are. */
async function compareTargets(
  deps: EngineDeps,
  reader: ArchiveReader,
  work: {
    request: { payload: RestorePlanPayload; options: PlanOptions };
    meta: SignedMeta;
    targets: readonly RestoreTarget[];
    documents: AgentDocuments;
  },
): Promise<{ measured: MeasuredTarget[]; owners: ReadonlyMap<string, Owner> }> {
  const { targets, documents, meta } = work;
  const { payload, options } = work.request;
  const prefixes = targets.map(({ prefix }) => prefix);
  const records = await readManifestRecords(reader, prefixes, options.signal);
  const isOwn = options.trust === 'valid' && meta.accepted_via_trust !== true;
  const choice = {
    rules: deps.excludeRules,
    limits: deps.limits,
    clean: payload.clean === true,
    makesOutwardLinks: isOwn || payload.outward_links === 'keep',
  };
  const measured = await measureTargets(reader, { targets, documents, records, choice, signal: options.signal });
  return { measured, owners: isOwn ? records.owners : new Map<string, Owner>() };
}

interface PlacedTargets {
  destinations: Destination[];
  targets: RestoreTarget[];
  masterKey: MasterKeyDecision;
  warnings: JobWarning[];
}

async function placeTargets(
  reader: ArchiveReader,
  current: CurrentInstance,
  request: { wanted: Wanted; payload: RestorePlanPayload; options: PlanOptions },
): Promise<PlacedTargets> {
  const foldsCase = probePerDevice(request.options.foldsCase);
  const find = (path: string) => locate(path, foldsCase);
  const { wanted, payload } = request;
  const choice = { agents: wanted.agents, defaultWorkspaceDir: payload.default_workspace_dir };
  const destinations = await chooseDestinations(choice, current, find);
  const occupied = await locateOccupied(current, find);
  checkDestinations(destinations, occupied);
  const chosen = await chooseTargets(wanted, destinations, occupied);
  const secrets = chosen.find(({ kind }) => kind === 'secrets');
  const masterKey =
    secrets === undefined
      ? { keeps: false, replaces: false, warning: null }
      : await decideMasterKey(reader, secrets.destination);
  const targets = masterKey.keeps ? keepingMasterKey(chosen) : chosen;
  refuseUntrustedLinks(targets, { destinations, current });
  for (const target of targets) assertKeptPlacesFit(target, reader);
  const warnings = await inspectOccupied(destinations);
  if (masterKey.warning !== null) warnings.push(masterKey.warning);
  return { destinations, targets, masterKey, warnings };
}
