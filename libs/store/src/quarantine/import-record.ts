import { randomBytes } from 'node:crypto';
import { DomainError, IMPORT_ID_PATTERN, type ImportView, type TrustMode } from '@pawvault/contracts';
import { holdStateDirectory, readStateFile, type StatePlace, untrusted, writeIn } from '@pawvault/durable-fs';

/** What is kept of an import: the truth about it, also when Redis has forgotten its jobs. */
export interface ImportRecord extends ImportView {
  /** What was said with the upload, to be applied without asking again. */
  upload_trust_mode: TrustMode | null;
  /** How often somebody has decided about it. */
  decisions: number;
  /** The file that is being published: by it a second run knows that the first has done it. */
  publishing: { ino: number; backup_id: string; replaces: string | null; overwrite: boolean } | null;
}

/** What is known of an upload before anybody has looked into it. */
export interface UploadFacts {
  id: string;
  fileName: string | null;
  trustMode: TrustMode | null;
}

export const RECORD_NAME = 'import.json';
/** It carries the metadata of the archive, for which limits are set, and a report. */
const MAX_BYTES = 32 << 20;
const ID = new RegExp(IMPORT_ID_PATTERN);

/** @throws DomainError IMPORT_NOT_FOUND for what is no id, before it touches a path */
export function assertImportId(id: string): void {
  if (!ID.test(id)) throw notFound(id);
}

export const newImportId = (): string => randomBytes(16).toString('hex');

export const isImportId = (name: string): boolean => ID.test(name);

export const notFound = (id: string): DomainError =>
  new DomainError('IMPORT_NOT_FOUND', undefined, { id: id.slice(0, 64) });

/** Of an import that begins. */
export const newRecord = ({ id, fileName, trustMode }: UploadFacts, now: Date): ImportRecord => ({
  id,
  state: 'uploading',
  file_name: fileName,
  size: 0,
  created_at: now.toISOString(),
  expires_at: null,
  job_id: null,
  meta: null,
  report: [],
  conflict: null,
  trust_needed: null,
  backup_id: null,
  upload_trust_mode: trustMode,
  decisions: 0,
  publishing: null,
});

/**
 * @throws DomainError IMPORT_NOT_FOUND when there is none; STATE_FILE_UNTRUSTED for one that PawVault has not written, or not for this import
 */
export async function readRecord(place: StatePlace, id: string): Promise<ImportRecord> {
  const bytes = await readStateFile({ ...place, name: RECORD_NAME }, { maxBytes: MAX_BYTES });
  const record = bytes === null ? null : parse(bytes);
  if (record === null) throw notFound(id);
  if (record.id !== id) throw untrusted(`${place.root}/${place.below}/${RECORD_NAME}`, 'content');
  return record;
}

function parse(bytes: Buffer): ImportRecord | null {
  try {
    return JSON.parse(bytes.toString('utf8')) as ImportRecord | null;
  } catch {
    return null;
  }
}

/** @throws DomainError IMPORT_NOT_FOUND when the import was removed meanwhile */
export async function writeRecord(place: StatePlace, record: ImportRecord): Promise<void> {
  const directory = holdStateDirectory(place);
  if (directory === null) throw notFound(record.id);
  try {
    await writeIn(directory, RECORD_NAME, `${JSON.stringify(record)}\n`);
  } catch (error) {
    if (isGone(error)) throw notFound(record.id);
    throw error;
  } finally {
    directory.close();
  }
}

/** A directory that is held can be written to no more once it has been removed. */
const isGone = (error: unknown): boolean => error instanceof DomainError && error.details['errno'] === 'ENOENT';

export function toView({ upload_trust_mode: _, publishing: __, decisions: ___, ...view }: ImportRecord): ImportView {
  return view;
}
