import { readdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DomainError } from '@pawvault/contracts';
import {
  errnoOf,
  freeBytes,
  fsyncDirectory,
  holdStateDirectory,
  isPresent,
  makeStateDirectory,
  removeFile,
  removeTree,
  type StatePlace,
  toDomainError,
} from '@pawvault/durable-fs';
import { mapBounded } from '../map-bounded';
import { claimDecision } from './claim-decision';
import {
  assertImportId,
  type ImportRecord,
  isImportId,
  newImportId,
  newRecord,
  notFound,
  readRecord,
  RECORD_NAME,
  type UploadFacts,
  writeRecord,
} from './import-record';
import { type ImportPosition, newestFirst, positionOf } from './import-position';
import { lastTouched, syncedSize } from './kept-file';

export type { ImportPosition } from './import-position';
export type { ImportRecord } from './import-record';
export { toView } from './import-record';

export interface QuarantineOptions {
  backupDir: string;
  clock: () => Date;
}

/** An undecided import, and an upload that gets no more bytes, lie here for so long. */
export const EXPIRY_MS = 60 * 60 * 1000;

/** An import whose job was lost, with Redis or by a failure that nobody looked at. */
const STUCK_MS = 24 * EXPIRY_MS;

/** Files that are open at the same time. */
const PARALLEL_READS = 16;

export interface ImportPage {
  records: ImportRecord[];
  /** Of the last one, when more follow. */
  next: ImportPosition | null;
}

const ROOT = join('.pawvault', 'imports');
const ARCHIVE = 'archive.zip';
const FINAL = 'final.zip';

export function openQuarantine(options: QuarantineOptions): Quarantine {
  return new Quarantine(options);
}

/**
 * Archives from elsewhere, each in a directory of its own, `<backups>/.pawvault/imports/<id>/`, that nothing else looks into: on the file
 * system of the backups, so that accepting one is a rename. One writer changes a record at a time: the gateway until it has handed the import
 * to a job, then the worker that runs the job.
 */
export class Quarantine {
  private readonly backupDir: string;
  private readonly root: string;
  private readonly clock: () => Date;

  constructor({ backupDir, clock }: QuarantineOptions) {
    this.backupDir = backupDir;
    this.root = join(backupDir, ROOT);
    this.clock = clock;
  }

  /** Makes the place for an archive that is about to come. `archivePath` does not exist yet. When that fails, nothing stays. */
  async reserve({ id = newImportId(), ...facts }: Omit<UploadFacts, 'id'> & { id?: string }): Promise<ImportRecord> {
    assertImportId(id);
    const record: ImportRecord = { ...newRecord({ id, ...facts }, this.clock()), expires_at: this.expiry() };
    try {
      await this.makeDirectory(id);
      await writeRecord(this.placeOf(id), record);
    } catch (error) {
      await this.remove(id).catch(() => undefined);
      throw error;
    }
    return record;
  }

  /** The upload is complete: from here on the archive is to be checked. */
  async admit(id: string): Promise<ImportRecord> {
    const path = this.archivePath(id);
    try {
      const size = await syncedSize(path);
      await fsyncDirectory(this.directoryOf(id));
      return await this.update(id, { state: 'checking', size, expires_at: null });
    } catch (error) {
      // Whoever has removed it while it came has removed its place as well.
      if (errnoOf(error) === 'ENOENT') throw notFound(id);
      throw toDomainError(error, path);
    }
  }

  /**
   * Takes in a finished file of the same file system, which is to be checked from here on. It can be called again for one that a process has
   * died over: the file is in the one place or in the other.
   * @throws DomainError IMPORT_NOT_FOUND when it is in neither
   */
  async adopt(file: string, facts: UploadFacts): Promise<ImportRecord> {
    const path = this.archivePath(facts.id);
    try {
      if (await isPresent(file)) await this.takeFrom(file, facts.id);
      const { size } = await stat(path);
      await fsyncDirectory(this.directoryOf(facts.id));
      const record: ImportRecord = { ...newRecord(facts, this.clock()), state: 'checking', size };
      await writeRecord(this.placeOf(facts.id), record);
      return record;
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') throw notFound(facts.id);
      throw toDomainError(error, path);
    }
  }

  /** What is synced before it moves takes minutes where nobody would lose it; behind the move all is quick. */
  private async takeFrom(file: string, id: string): Promise<void> {
    await syncedSize(file);
    await this.makeDirectory(id);
    await rename(file, this.archivePath(id));
  }

  private async makeDirectory(id: string): Promise<void> {
    try {
      makeStateDirectory(this.placeOf(id)).close();
      await fsyncDirectory(this.root);
    } catch (error) {
      throw toDomainError(error, this.root);
    }
  }

  /** @throws DomainError IMPORT_NOT_FOUND, also for one that has expired */
  async get(id: string): Promise<ImportRecord> {
    assertImportId(id);
    const record = await readRecord(this.placeOf(id), id);
    if (this.hasExpired(record)) throw notFound(id);
    return record;
  }

  /** One after the other: there may be thousands, and each carries what its archive says of itself. Without those that have expired. */
  async *all(): AsyncGenerator<ImportRecord, void, void> {
    for (const id of await this.ids()) {
      const record = await this.get(id).catch(() => null);
      if (record !== null) yield record;
    }
  }

  /** A page, newest first. @param after the position behind which it begins */
  async list({ limit, after }: { limit: number; after: ImportPosition | null }): Promise<ImportPage> {
    const read = (id: string): Promise<ImportRecord | null> => this.get(id).catch(() => null);
    const positions = await mapBounded(await this.ids(), PARALLEL_READS, async (id) => positionOf(await read(id)));
    const behind = positions
      .filter((position) => position !== null)
      .sort(newestFirst)
      .filter((position) => after === null || newestFirst(position, after) > 0);
    const page = behind.slice(0, limit);
    const records = await mapBounded(page, PARALLEL_READS, ({ id }) => read(id));
    return {
      records: records.filter((record) => record !== null),
      next: behind.length > page.length ? (page.at(-1) ?? null) : null,
    };
  }

  /** @throws DomainError IMPORT_NOT_FOUND */
  async update(id: string, change: Partial<ImportRecord>): Promise<ImportRecord> {
    assertImportId(id);
    const record = { ...(await readRecord(this.placeOf(id), id)), ...change };
    await writeRecord(this.placeOf(id), record);
    return record;
  }

  /**
   * Hands an import that needs a decision to the job that carries it out. Of several who decide at the same time, in whatever processes, one
   * wins: two jobs over one archive would undo each other.
   * @throws DomainError IMPORT_NOT_FOUND, IMPORT_NOT_DECIDABLE
   */
  async decide(id: string, jobId: string): Promise<ImportRecord> {
    const { state, decisions } = await this.get(id);
    if (state !== 'needs_decision') throw new DomainError('IMPORT_NOT_DECIDABLE', undefined, { id, state });
    if (!(await claimDecision(this.directoryOf(id), decisions, this.clock())))
      throw new DomainError('IMPORT_NOT_DECIDABLE', undefined, { id, state: 'accepting' });
    return this.update(id, { state: 'accepting', job_id: jobId, expires_at: null, decisions: decisions + 1 });
  }

  /** When something that is decided now is forgotten. */
  expiry(): string {
    return new Date(this.clock().getTime() + EXPIRY_MS).toISOString();
  }

  archivePath(id: string): string {
    assertImportId(id);
    return join(this.directoryOf(id), ARCHIVE);
  }

  /** For messages. */
  recordPath(id: string): string {
    return join(this.directoryOf(id), RECORD_NAME);
  }

  /** What is about to be published. */
  finalPath(id: string): string {
    assertImportId(id);
    return join(this.directoryOf(id), FINAL);
  }

  /** What is left of the archive once it is published or refused; the record stays until it expires. */
  async dropArchive(id: string): Promise<void> {
    await removeFile(this.finalPath(id));
    await removeFile(this.archivePath(id));
  }

  /** One that is gone already is fine. */
  async remove(id: string): Promise<void> {
    assertImportId(id);
    try {
      await removeTree(this.directoryOf(id));
    } catch (error) {
      throw toDomainError(error, this.directoryOf(id));
    }
  }

  /**
   * Removes what has expired, and uploads that have stood still for as long. What is with a job stays, however long that waits for a worker.
   * @returns their ids
   */
  async removeExpired(): Promise<string[]> {
    const removed: string[] = [];
    for (const id of await this.ids()) {
      if (!(await this.isForgotten(id))) continue;
      await this.remove(id);
      removed.push(id);
    }
    return removed;
  }

  /** Bytes that may still be written here. */
  async freeBytes(): Promise<number> {
    try {
      return await freeBytes(this.root);
    } catch (error) {
      throw toDomainError(error, this.root);
    }
  }

  /** Those that are with a job by their record, and that nobody has touched for a day: whether the job lives, the queue knows. */
  async *stuck(): AsyncGenerator<ImportRecord, void, void> {
    for await (const record of this.all()) {
      const isWithJob = record.state === 'checking' || record.state === 'accepting';
      if (isWithJob && (await this.quietMs(record.id)) > STUCK_MS) yield record;
    }
  }

  /** Milliseconds since the last byte or the last word about it. */
  private async quietMs(id: string): Promise<number> {
    return this.clock().getTime() - (await lastTouched([this.archivePath(id), this.directoryOf(id)]));
  }

  private placeOf(id: string): StatePlace {
    return { root: this.backupDir, below: join(ROOT, id) };
  }

  private directoryOf(id: string): string {
    return join(this.root, id);
  }

  private async ids(): Promise<string[]> {
    const directory = holdStateDirectory({ root: this.backupDir, below: ROOT });
    if (directory === null) return [];
    directory.close();
    const names = await readdir(this.root).catch((error: unknown) => {
      if (errnoOf(error) === 'ENOENT') return [];
      throw toDomainError(error, this.root);
    });
    return names.filter(isImportId);
  }

  private hasExpired({ state, expires_at }: ImportRecord): boolean {
    return state !== 'uploading' && expires_at !== null && Date.parse(expires_at) <= this.clock().getTime();
  }

  /** An upload lives by its last byte; a directory without a record is one whose making was interrupted. */
  private async isForgotten(id: string): Promise<boolean> {
    const record = await readRecord(this.placeOf(id), id).catch(() => null);
    if (record !== null && record.state !== 'uploading') return this.hasExpired(record);
    return (await this.quietMs(id)) > EXPIRY_MS;
  }
}
