import type { TrustMode } from './restore';
import type { BackupMeta } from './meta';

/**
 * uploading: bytes are still missing; checking: a worker reads it; needs_decision: sound, and somebody has to say whether to overwrite or to
 * trust; accepting: it is being published; accepted: it is a backup now; rejected: the report says which check failed.
 */
export type ImportState = 'uploading' | 'checking' | 'needs_decision' | 'accepting' | 'accepted' | 'rejected';

export const IMPORT_CHECKS = [
  'structure',
  'layout',
  'metadata',
  'manifest',
  'content',
  'signature',
  'conflict',
] as const;
export type ImportCheckName = (typeof IMPORT_CHECKS)[number];

export const IMPORT_ID_PATTERN = '^[0-9a-f]{32}$';

/** What one check found. Checks behind the first that fails are 'skipped'. */
export interface ImportCheck {
  name: ImportCheckName;
  state: 'passed' | 'failed' | 'decision' | 'skipped';
  /** An error code, where it failed or wants a decision; the code of a warning, where it passed and there is something to know. */
  code: string | null;
  /** The entry at fault, where there is one. */
  entry: string | null;
  message: string | null;
}

/** The backup that already carries the id of an import. */
export interface ImportConflict {
  id: string;
  name: string;
  created_at: string;
  /** Bytes of its archive. */
  size: number;
}

/** An archive in quarantine, and what became of it. Nothing of it is visible elsewhere before it is accepted. */
export interface ImportView {
  id: string;
  state: ImportState;
  /** As the client named it; for display alone, never a path. */
  file_name: string | null;
  /** Bytes received. */
  size: number;
  created_at: string;
  /** When the quarantine is cleared; null while a job works on it. */
  expires_at: string | null;
  /** The job that checks or publishes it. */
  job_id: string | null;
  /** What the archive says of itself, as soon as it could be read. */
  meta: BackupMeta | null;
  report: ImportCheck[];
  conflict: ImportConflict | null;
  trust_needed: TrustMode | null;
  /** Set once it is accepted. */
  backup_id: string | null;
}
