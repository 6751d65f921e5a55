import { join } from 'node:path';
import {
  archiveSignature,
  ARCHIVE_SCHEME,
  type ArchiveReader,
  copyWithMeta,
  editMeta,
  loadSigningKey,
  manifestSignatureState,
  parseMeta,
  sameSignature,
  type SignedMeta,
  startArchiveSignature,
} from '@pawvault/archive';
import { DomainError, META_NAME, type RenamePayload, type RenameResult, type VerifyProblem } from '@pawvault/contracts';
import { removeTree, toDomainError } from '@pawvault/durable-fs';
import { openBackup, type StoredBackup } from '@pawvault/store';
import type { EngineDeps } from '../engine';
import type { JobContext } from '../job-context';
import { ProgressMeter } from '../progress-meter';
import { replaceArchive } from '../replace-archive';
import { signManifest } from '../sign-manifest';
import { invalidBackup } from '../verify/invalid-backup';
import { proveContent } from '../verify/prove-content';
import { openWorkDir } from '../work-dir';

/**
 * Changes name and description. Both are signed, so the whole content is proven against the old signature before the new one is made:
 * renaming must not launder an archive that was tampered with. The file is replaced in one step.
 * @throws DomainError BACKUP_NOT_FOUND, BACKUP_INVALID, backup_signature_mismatch, backup_unknown_signature_scheme, BACKUP_IN_USE, DISK_FULL
 */
export async function renameBackup(
  deps: EngineDeps,
  payload: RenamePayload,
  context: JobContext,
): Promise<RenameResult> {
  const backup = await deps.store.find(payload.backup_id);
  const name = payload.name ?? backup.meta.name;
  const description = payload.description ?? backup.meta.description;
  const result = { backup_id: backup.id, name, description };
  if (name === backup.meta.name && description === backup.meta.description) return result;
  try {
    await replaceWithCopy(deps, { backup, changes: { name, description } }, context);
    return result;
  } catch (error) {
    context.signal.throwIfAborted();
    throw toDomainError(error, backup.path);
  }
}

async function replaceWithCopy(
  deps: EngineDeps,
  { backup, changes }: Omit<Renaming, 'copy'>,
  context: JobContext,
): Promise<void> {
  const workDir = await openWorkDir(deps.directories.backup_dir, context.jobId);
  try {
    const copy = join(workDir, 'archive.tmp');
    await writeRenamed(deps, { backup, copy, changes }, context);
    context.signal.throwIfAborted();
    await replaceArchive(deps, backup, copy);
  } finally {
    await removeTree(workDir).catch(() => undefined);
  }
}

interface Renaming {
  backup: StoredBackup;
  copy: string;
  changes: { name: string; description: string };
}

async function writeRenamed(deps: EngineDeps, { backup, copy, changes }: Renaming, context: JobContext): Promise<void> {
  const reader = await openBackup(backup, deps.limits);
  try {
    const entry = reader.get(META_NAME);
    if (entry === undefined) throw new DomainError('ARCHIVE_META_MISSING');
    const old = await reader.read(entry, deps.limits.maxMetaBytes);
    const bytes = reader.entries.reduce((sum, { size }) => sum + size, 0) + reader.size;
    const meter = new ProgressMeter({ bytes, files: reader.entries.length, agents: 0 }, (progress) =>
      context.onProgress(progress),
    );
    const edited = editMeta(old, changes);
    meter.enter('verifying', changes.name);
    const meta = await resign(deps, reader, { old: parseMeta(old), edited, context, meter });
    meter.enter('copying');
    const onBytes = (copied: number): void => meter.add({ bytes: copied, files: 0 });
    await copyWithMeta(reader, copy, { meta, mtimeMs: entry.mtimeMs, signal: context.signal, onBytes });
  } finally {
    await reader.close();
  }
}

interface Resigning {
  old: SignedMeta;
  edited: Buffer;
  context: JobContext;
  meter: ProgressMeter;
}

/** @returns the edited meta.json, signed anew if it was signed before */
async function resign(
  deps: EngineDeps,
  reader: ArchiveReader,
  { old, edited, context, meter }: Resigning,
): Promise<Buffer> {
  if (old.signature === null) return edited;
  if (!old.signature.startsWith(`${ARCHIVE_SCHEME}:`)) throw new DomainError('backup_unknown_signature_scheme');
  const key = await loadSigningKey(deps.directories.backup_dir);
  if (key === null) throw new DomainError('backup_signature_mismatch');
  const canonical = parseMeta(edited).canonical;
  const before = startArchiveSignature(key, old.canonical);
  const after = startArchiveSignature(key, canonical);
  const problems: VerifyProblem[] = [];
  await proveContent(reader, {
    pool: deps.pool,
    signal: context.signal,
    expectedHash: () => null,
    signatures: [before, after],
    ownHeaders: false,
    onProblem: (problem) => problems.push(problem),
    onProgress: (done) => meter.add(done),
  });
  if (problems[0] !== undefined) throw invalidBackup(problems[0], problems.length);
  if (!sameSignature(archiveSignature(before), old.signature)) throw new DomainError('backup_signature_mismatch');
  const manifest = await resignManifest(reader, { old, key, canonical });
  return editMeta(edited, { signature: archiveSignature(after), manifest_signature: manifest });
}

async function resignManifest(
  reader: ArchiveReader,
  signing: { old: SignedMeta; key: Buffer; canonical: string },
): Promise<string | null> {
  if (signing.old.manifest_signature === null) return null;
  const state = await manifestSignatureState(reader, signing.old, signing.key);
  if (state !== 'valid') throw new DomainError('backup_signature_mismatch');
  return signManifest(reader, signing);
}
