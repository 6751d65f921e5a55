import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DomainError, IMPORT_ID_PATTERN, type ImportView, type TrustMode } from '@pawvault/contracts';
import { errnoOf, toDomainError, writeFileAtomic } from '@pawvault/durable-fs';

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

const NAME = 'import.json';
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

/** @throws DomainError IMPORT_NOT_FOUND when there is none, or one that nobody could have written */
export async function readRecord(directory: string, id: string): Promise<ImportRecord> {
  try {
    const record = JSON.parse(await readFile(join(directory, NAME), 'utf8')) as ImportRecord | null;
    if (record?.id === id) return record;
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT' && !(error instanceof SyntaxError)) throw toDomainError(error, directory);
  }
  throw notFound(id);
}

/** @throws DomainError IMPORT_NOT_FOUND when the import was removed meanwhile */
export async function writeRecord(directory: string, record: ImportRecord): Promise<void> {
  try {
    await writeFileAtomic(join(directory, NAME), `${JSON.stringify(record)}\n`);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') throw notFound(record.id);
    throw toDomainError(error, directory);
  }
}

export function toView({ upload_trust_mode: _, publishing: __, decisions: ___, ...view }: ImportRecord): ImportView {
  return view;
}
