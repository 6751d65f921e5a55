import type { Role } from './roles';

/** What is written down. A new action gets its name here; the compiler finds where it has to be said. */
export const AUDIT_ACTIONS = [
  'access.refuse',
  'backup.create',
  'backup.delete',
  'backup.export',
  'backup.rename',
  'backup.restore',
  'backup.verify',
  'file.read',
  'import.accept',
  'import.delete',
  'import.upload',
  'job.cancel',
  'job.end',
] as const;
export type AuditAction = (typeof AUDIT_ACTIONS)[number];

/** What somebody or something did. `outcome` 'requested' stands before the action, the others behind it. */
export interface AuditEvent {
  action: AuditAction;
  outcome: 'requested' | 'done' | 'refused' | 'failed';
  /** Name of the token, `local` where none is needed, or `worker`. */
  actor: string;
  role: Role | 'worker';
  backup_id: string | null;
  job_id: string | null;
  request_id: string | null;
  /** The error code of what was refused or failed. */
  code: string | null;
  /** Further facts; never content, never a secret. */
  details: Record<string, unknown>;
}

/** `hash` covers everything else of the record, and with `previous` the whole log before it. */
export interface AuditRecord extends AuditEvent {
  /** From 1, without gaps. */
  seq: number;
  at: string;
  /** `hash` of the record before; 64 zeros for the first. */
  previous: string;
  hash: string;
}

export interface AuditProof {
  state: 'intact' | 'broken';
  /** Records that were read. */
  records: number;
  /** Hash of the newest record that fits the chain: kept elsewhere, it proves later that nothing was cut off. */
  head: string;
  /** Number of the first record that is missing or does not fit. */
  broken_at: number | null;
}
