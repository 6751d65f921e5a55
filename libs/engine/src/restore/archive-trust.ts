import { join } from 'node:path';
import { archiveSignature, type RewindableHmac, sameSignature, startArchiveSignature } from '@pawvault/archive';
import type { RestorePayload } from '@pawvault/contracts';
import { removeTree } from '@pawvault/durable-fs';
import type { EngineDeps } from '../engine';
import type { JobContext } from '../job-context';
import { replaceArchive } from '../replace-archive';
import { openWorkDir } from '../work-dir';
import type { CheckedArchive } from './checked-archive';
import { decideTrust } from './plan/trust-decision';
import { beginResigning, type Resigning } from './resign-archive';

/** The signatures that have to be computed over the content while it is staged. */
export interface Signing {
  /** Computed over the content as it is staged, to be held against the archive's own; null where the manifest proves it already. */
  claimed: RewindableHmac | null;
  /** For an archive that is not ours and was accepted. */
  resigning: Resigning | null;
}

export async function chooseSignatures(
  deps: EngineDeps,
  archive: CheckedArchive,
  payload: RestorePayload,
): Promise<Signing> {
  const { trust, key, meta, reader } = archive;
  const accepted = decideTrust(trust, payload.trust_mode) === 'accept';
  if (accepted) return { claimed: null, resigning: await beginResigning(deps, reader) };
  if (trust === 'valid') return { claimed: null, resigning: null };
  const claimed = startArchiveSignature(key ?? Buffer.alloc(32), meta.canonical);
  return { claimed, resigning: payload.trust_mode === 'foreign' ? await beginResigning(deps, reader) : null };
}

/** With all content read, the archive's own signature is right or it is not; an accepted archive is signed anew before it goes live. */
export async function settleTrust(
  deps: EngineDeps,
  {
    archive,
    signing,
    payload,
    context,
  }: { archive: CheckedArchive; signing: Signing; payload: RestorePayload; context: JobContext },
): Promise<void> {
  const { claimed, resigning } = signing;
  const proven = claimed !== null && sameSignature(archiveSignature(claimed), archive.meta.signature ?? '');
  if (claimed !== null && !proven) decideTrust('mismatch', payload.trust_mode);
  if (resigning === null || proven) return;
  const workDir = await openWorkDir(deps.directories.backup_dir, context.jobId);
  try {
    const copy = join(workDir, 'resigned.tmp');
    await resigning.write(copy, context.signal);
    await replaceArchive(deps, archive.backup, copy);
  } finally {
    await removeTree(workDir).catch(() => undefined);
  }
}
