import type { EntryType, ExclusionCount, ModuleStats, Omission } from './manifest';
import type { BackupMeta } from './meta';
import type { BackupKind } from './scope';

/**
 * valid: signed with the local key (proven by the manifest signature or by a verification of the whole file);
 * unchecked: signed, but only reading the whole archive can tell with which key (archives made by QwenPaw);
 * mismatch: signed with another key, or changed since; unsigned; unknown_scheme.
 */
export type TrustState = 'valid' | 'unchecked' | 'mismatch' | 'unsigned' | 'unknown_scheme';
export type VerifiedState = 'never' | 'ok' | 'damaged';

/** The last verification of exactly these bytes of the archive; it does not survive a change of the file. */
export interface VerificationRecord {
  state: Exclude<VerifiedState, 'never'>;
  trust: Exclude<TrustState, 'unchecked'>;
  at: string;
  job_id: string;
}

export interface BackupSummary extends BackupMeta {
  kind: BackupKind;
  /** Bytes of the archive file. */
  size: number;
  file_name: string;
  trust: TrustState;
  verified: VerifiedState;
  verified_at: string | null;
  has_manifest: boolean;
}

export interface InvalidBackup {
  file_name: string;
  size: number;
  modified_at: string;
  code: string;
  reason: string;
}

/** A second file with an id that another file of the directory already carries. */
export interface DuplicateArchive {
  file_name: string;
  id: string;
  size: number;
}

export interface BackupDetail extends BackupSummary {
  agents: Record<string, ModuleStats & { name: string }>;
  modules: Partial<Record<'global_config' | 'skill_pool' | 'secrets', ModuleStats>>;
  /** Entries that belong to none of these, kept and never restored; null where there are none. */
  unknown: ModuleStats | null;
  /** null where the archive has no manifest and cannot tell. */
  omissions: Omission[] | null;
  exclusions: ExclusionCount[] | null;
  /** Other files of the directory with the same id. */
  duplicates: string[];
}

/** One entry of an archive as the file browser shows it. */
export interface FileRecord {
  path: string;
  type: EntryType;
  size: number;
  mode: number | null;
  mtime: string | null;
  sha256: string | null;
  /** Where a link leads; null for what is no link, and where only the content of its entry says so. */
  target: string | null;
  /** The archive has an ordinary file of this name, which can be downloaded: true for files, and for links to files. */
  has_content: boolean;
}
