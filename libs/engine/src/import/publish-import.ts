import { lstat, rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { openArchive } from '@pawvault/archive';
import { DomainError, type TrustMode } from '@pawvault/contracts';
import {
  errnoOf,
  fsyncDirectory,
  publishFile,
  removeFile,
  removeTree,
  replaceFile,
  toDomainError,
  untrusted,
} from '@pawvault/durable-fs';
import type { ImportRecord } from '@pawvault/store';
import type { EngineDeps } from '../engine';
import type { JobContext } from '../job-context';
import { decideTrust } from '../restore/plan/trust-decision';
import { openWorkDir } from '../work-dir';
import { findConflict } from './find-conflict';
import { resignImport } from './resign-import';

export interface Acceptance {
  /** In state 'accepting'. */
  record: ImportRecord;
  overwrite: boolean;
  trustMode: TrustMode | null;
}

/**
 * Makes a backup of an archive that has been proven: signs it anew where somebody vouched for it, gives the result a name of its own in the
 * quarantine, writes down which file that is, and moves it. A run that comes after one that died knows by the written-down inode whether
 * the move has happened, so that it happens once; there is only one file to move, so a run that was frozen finds nothing to publish.
 * @throws DomainError BACKUP_EXISTS, BACKUP_IN_USE, the codes of trust, DISK_FULL, BACKUP_INVALID when the file is not what was checked
 */
export async function publishImport(
  deps: EngineDeps,
  acceptance: Acceptance,
  context: JobContext,
): Promise<ImportRecord> {
  const { quarantine } = deps;
  const { id } = acceptance.record;
  try {
    const prepared =
      acceptance.record.publishing === null ? await prepare(deps, acceptance, context) : acceptance.record;
    return await publish(deps, prepared, context);
  } catch (error) {
    await reopen(deps, id, context.signal).catch(() => undefined);
    context.signal.throwIfAborted();
    throw toDomainError(error, quarantine.archivePath(id));
  }
}

/**
 * What stood against it leaves the import to be decided again: with the file that is there now, which may be signed by us already. A run that
 * was stopped has met nothing: another goes on with it, or it was cancelled, and is shown as to be decided because its job has ended.
 */
async function reopen(deps: EngineDeps, id: string, { aborted }: AbortSignal): Promise<void> {
  const { quarantine, store } = deps;
  const record = await quarantine.get(id);
  if (record.state !== 'accepting' || record.meta === null) return;
  if (aborted && record.publishing === null) return;
  const archive = quarantine.archivePath(id);
  const final = quarantine.finalPath(id);
  const isFinal = await isThere(final);
  // Neither file is there once it has been published: then only going on makes sense.
  if (record.publishing !== null && !isFinal) return;
  if (isFinal) await rename(final, archive);
  const conflict = await findConflict(store, record.meta.id);
  await quarantine.update(id, {
    state: 'needs_decision',
    publishing: null,
    trust_needed: isFinal ? null : record.trust_needed,
    conflict: conflict?.view ?? null,
    report: withConflict(record.report, conflict !== null),
    expires_at: quarantine.expiry(),
  });
}

const isThere = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );

/**
 * Who has begun with a backup ends with it: its plan, its preview and its result speak of those bytes. A job that begins behind this look opens
 * either the old file or the new one, and keeps the one it has opened.
 * @throws DomainError BACKUP_IN_USE
 */
async function assertUnused(id: string, context: JobContext): Promise<void> {
  const [jobId] = await context.othersUsing(id);
  if (jobId !== undefined) throw new DomainError('BACKUP_IN_USE', undefined, { id, job_id: jobId });
}

/** A backup may have taken the place since the check. */
const withConflict = (report: ImportRecord['report'], isThere: boolean): ImportRecord['report'] =>
  report.map((check) =>
    check.name === 'conflict'
      ? { ...check, state: isThere ? 'decision' : 'passed', code: isThere ? 'BACKUP_EXISTS' : null }
      : check,
  );

async function prepare(deps: EngineDeps, acceptance: Acceptance, context: JobContext): Promise<ImportRecord> {
  const { quarantine, store } = deps;
  const { record, overwrite, trustMode } = acceptance;
  const { meta } = record;
  if (meta === null) throw new DomainError('IMPORT_NOT_DECIDABLE', undefined, { id: record.id, state: record.state });
  const conflict = await findConflict(store, meta.id);
  if (conflict !== null && !overwrite) throw new DomainError('BACKUP_EXISTS', undefined, { id: meta.id });
  if (conflict !== null) await assertUnused(meta.id, context);
  const source = quarantine.archivePath(record.id);
  const final = quarantine.finalPath(record.id);
  if (record.trust_needed === null) await moveUnlessMoved(source, final);
  else await signAnew(deps, { source, final, record, trustMode }, context);
  context.signal.throwIfAborted();
  const { ino } = await lstat(final);
  const target = store.archivePath(meta.id);
  const replaces = conflict !== null && conflict.path !== target ? basename(conflict.path) : null;
  return quarantine.update(record.id, { publishing: { ino, backup_id: meta.id, replaces, overwrite } });
}

/** An earlier run may have come as far as this. */
async function moveUnlessMoved(source: string, final: string): Promise<void> {
  try {
    await rename(source, final);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT' || !(await lstat(final)).isFile()) throw error;
  }
  await fsyncDirectory(dirname(final));
}

async function signAnew(
  deps: EngineDeps,
  job: { source: string; final: string; record: ImportRecord; trustMode: TrustMode | null },
  context: JobContext,
): Promise<void> {
  const { source, final, record, trustMode } = job;
  if (record.trust_needed !== trustMode) {
    const signature = record.report.find(({ name }) => name === 'signature')?.code;
    decideTrust(TRUST_OF_CODE[signature ?? ''] ?? 'mismatch', trustMode);
  }
  const free = await deps.quarantine.freeBytes();
  const needed = record.size + SPARE_BYTES;
  if (free < needed) throw new DomainError('DISK_FULL', undefined, { free_bytes: free, needed_bytes: needed });
  const workDir = await openWorkDir(deps.directories.backup_dir, context.jobId);
  try {
    const copy = await resignImport(deps, { source, workDir, context });
    await replaceFile(copy, final);
  } finally {
    await removeTree(workDir).catch(() => undefined);
  }
}

/** Room for the new metadata, and for whoever else writes meanwhile. */
const SPARE_BYTES = 16 << 20;

const TRUST_OF_CODE: Record<string, 'unsigned' | 'mismatch' | 'unknown_scheme'> = {
  backup_legacy_unsigned: 'unsigned',
  backup_signature_mismatch: 'mismatch',
  backup_unknown_signature_scheme: 'unknown_scheme',
};

async function publish(deps: EngineDeps, record: ImportRecord, context: JobContext): Promise<ImportRecord> {
  const { quarantine, store } = deps;
  const { publishing } = record;
  if (publishing === null) throw new DomainError('IMPORT_NOT_DECIDABLE', undefined, { id: record.id });
  const final = quarantine.finalPath(record.id);
  const target = store.archivePath(publishing.backup_id);
  assertOfThisImport(deps, record);
  await assertReadable(deps, final);
  // Signing may have taken minutes. What a run before this one has moved already is not asked about again.
  if (publishing.overwrite && (await isThere(final))) await assertUnused(publishing.backup_id, context);
  await move(final, target, publishing);
  if (publishing.replaces !== null) await removeFile(replacedPath(deps, record, publishing.replaces));
  const accepted = await quarantine.update(record.id, {
    state: 'accepted',
    backup_id: publishing.backup_id,
    expires_at: quarantine.expiry(),
  });
  await quarantine.dropArchive(record.id);
  return accepted;
}

/** The record lies where others may write, too: what it makes PawVault publish and remove is checked again. */
function assertOfThisImport(deps: EngineDeps, record: ImportRecord): void {
  const { publishing, meta, id } = record;
  if (publishing === null) return;
  if (publishing.backup_id !== meta?.id) throw untrusted(deps.quarantine.recordPath(id), 'content');
  if (publishing.replaces !== null) replacedPath(deps, record, publishing.replaces);
}

/**
 * Where the archive lies that is replaced. Records name the file; those of earlier versions its path.
 * @throws DomainError STATE_FILE_UNTRUSTED for what is no archive in the backup directory
 */
function replacedPath({ directories, quarantine }: EngineDeps, { id }: ImportRecord, replaces: string): string {
  const { backup_dir: backupDir } = directories;
  const name = replaces.includes('/') ? basename(replaces) : replaces;
  const plain = replaces === name || replaces === join(backupDir, name);
  if (plain && /^[^.].*\.zip$/.test(name)) return join(backupDir, name);
  throw untrusted(quarantine.recordPath(id), 'content');
}

/** Whoever else can write here is trusted with the backups anyway; this catches what is broken, not what is hostile. */
async function assertReadable({ limits }: EngineDeps, final: string): Promise<void> {
  try {
    if (!(await lstat(final)).isFile()) throw untrusted(final, 'not_a_file');
    const reader = await openArchive(final, limits);
    await reader.close();
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
  }
}

async function move(
  final: string,
  target: string,
  { overwrite, ino }: { overwrite: boolean; ino: number },
): Promise<void> {
  try {
    await (overwrite ? replaceFile(final, target) : publishFile(final, target));
  } catch (error) {
    const stands = await lstat(target).catch(() => null);
    // An earlier run has done it: the file is there under its name, or was, and somebody has replaced it since.
    const done = errnoOf(error) === 'ENOENT' ? stands !== null : stands?.ino === ino;
    if (done) return;
    if (errnoOf(error) === 'EEXIST') throw new DomainError('BACKUP_EXISTS', undefined, {}, { cause: error });
    throw error;
  }
}
