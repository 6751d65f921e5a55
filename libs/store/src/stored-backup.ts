import type { SignedMeta } from '@pawvault/archive';
import {
  type BackupMeta,
  type BackupSummary,
  backupKind,
  type TrustState,
  type VerificationRecord,
} from '@pawvault/contracts';
import type { Fingerprint } from './fingerprint';

/** One archive of the directory. `meta` holds the signatures: it never leaves through the API as it is. */
export interface StoredBackup extends Fingerprint {
  id: string;
  /** In the backup directory. What is removed or replaced is this, also where it is a link. */
  path: string;
  /** Where its bytes are read: `path`, or the file that the link at `path` leads to. Its last component is no link. */
  source: string;
  fileName: string;
  meta: SignedMeta;
  hasManifest: boolean;
}

/** What is known of an archive beyond its own words. */
export interface Evidence {
  trust: TrustState;
  verification: VerificationRecord | null;
}

/** What of a meta.json may leave through the API. */
export function toBackupMeta(signed: SignedMeta): BackupMeta {
  const { signature, manifest_signature: _, canonical: __, accepted_via_trust: accepted, ...meta } = signed;
  // Without a signature nobody has accepted anything, whatever the file says.
  return { ...meta, accepted_via_trust: signature === null ? null : accepted };
}

export function toSummary(backup: StoredBackup, { trust, verification }: Evidence): BackupSummary {
  const meta = toBackupMeta(backup.meta);
  return {
    ...meta,
    kind: backupKind(meta.scope),
    size: backup.size,
    file_name: backup.fileName,
    trust,
    verified: verification?.state ?? 'never',
    verified_at: verification?.at ?? null,
    has_manifest: backup.hasManifest,
  };
}

/** Newest first; ids decide between equal times so that pages are stable. */
export function compareNewestFirst(a: BackupSummary, b: BackupSummary): number {
  return order(instantKey(b.created_at), instantKey(a.created_at)) || order(a.id, b.id);
}

/** `…:00Z` and `…:00.5Z` in one form that sorts as the instants do. */
const instantKey = (instant: string): string => instant.slice(0, 19) + instant.slice(20, -1).padEnd(9, '0');

const order = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
