import { lstat, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DomainError, type VerificationRecord } from '@pawvault/contracts';
import {
  errnoOf,
  fsyncDirectory,
  type HeldDirectory,
  holdStateDirectory,
  readIn,
  removeFile,
  type StatePlace,
  writeStateFile,
} from '@pawvault/durable-fs';
import { type Fingerprint, fingerprintOf, sameFingerprint } from './fingerprint';
import { mapBounded } from './map-bounded';

/** A record and what it speaks of: these bytes, and the key that their signature was compared with. */
export interface KeptVerification {
  record: VerificationRecord;
  archive: Fingerprint;
  keyName: string;
}

const PARALLEL_READS = 16;
/** A record names the problems of an archive, up to a bound. */
const MAX_BYTES = 1 << 20;
/** Time stamps are as coarse as the kernel's tick: a directory that changed just now may change again unseen. */
const SETTLED_MS = 100;

/** Is told of a file of PawVault's that another user may have written; it counts as absent. */
export type OnUntrusted = (error: DomainError) => void;

/** `<backup-dir>/.pawvault/verifications/<id>.json`, one small file a backup. Another process writes there as well. */
export class VerificationRecords {
  private readonly place: StatePlace;
  private readonly directory: string;
  private stamp = '';
  private records = new Map<string, { file: Fingerprint; kept: KeptVerification | null }>();

  constructor(
    backupDir: string,
    private readonly onUntrusted: OnUntrusted,
  ) {
    this.place = { root: backupDir, below: '.pawvault/verifications' };
    this.directory = join(backupDir, '.pawvault', 'verifications');
  }

  /** By backup id. Whether a record still fits the archive is for the caller to compare. Damaged and untrusted ones count as none. */
  async readAll(): Promise<ReadonlyMap<string, { kept: KeptVerification | null }>> {
    const stamp = await this.directoryStamp();
    if (stamp === null || stamp !== this.stamp) {
      await this.refresh();
      this.stamp = stamp ?? '';
    }
    return this.records;
  }

  async write(id: string, kept: KeptVerification): Promise<void> {
    await writeStateFile({ ...this.place, name: `${id}.json` }, `${JSON.stringify(kept)}\n`);
  }

  async remove(id: string): Promise<void> {
    try {
      await removeFile(this.pathOf(id));
      await fsyncDirectory(this.directory);
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw error;
    }
  }

  private pathOf(id: string): string {
    return join(this.directory, `${id}.json`);
  }

  /** null while the directory cannot be trusted to stay as it is. */
  private async directoryStamp(): Promise<string | null> {
    try {
      const { mtimeMs, ino } = await stat(this.directory);
      return Date.now() - mtimeMs < SETTLED_MS ? null : `${ino}:${mtimeMs}`;
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return 'absent';
      throw error;
    }
  }

  private async refresh(): Promise<void> {
    const directory = this.hold();
    if (directory === null) {
      this.records = new Map();
      return;
    }
    try {
      const names = (await this.names()).filter((name) => name.endsWith('.json') && !name.startsWith('.'));
      const read = await mapBounded(names, PARALLEL_READS, (name) => this.readChanged(directory, name));
      this.records = new Map(read.filter((item) => item !== null));
    } finally {
      directory.close();
    }
  }

  private hold(): HeldDirectory | null {
    try {
      return holdStateDirectory(this.place);
    } catch (error) {
      return this.asAbsent(error);
    }
  }

  private asAbsent(error: unknown): null {
    if (!(error instanceof DomainError) || error.code !== 'STATE_FILE_UNTRUSTED') throw error;
    this.onUntrusted(error);
    return null;
  }

  private async names(): Promise<string[]> {
    try {
      return await readdir(this.directory);
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return [];
      throw error;
    }
  }

  private async readChanged(
    directory: HeldDirectory,
    name: string,
  ): Promise<[string, { file: Fingerprint; kept: KeptVerification | null }] | null> {
    const id = name.slice(0, -'.json'.length);
    try {
      const file = fingerprintOf(await lstat(directory.at(name)));
      const known = this.records.get(id);
      if (known !== undefined && sameFingerprint(known.file, file)) return [id, known];
      const bytes = await readIn(directory, name, { maxBytes: MAX_BYTES }).catch((error: unknown) =>
        this.asAbsent(error),
      );
      return [id, { file, kept: bytes === null ? null : parseKept(bytes.toString('utf8')) }];
    } catch (error) {
      if (errnoOf(error) !== undefined || error instanceof DomainError) return null;
      throw error;
    }
  }
}

function parseKept(text: string): KeptVerification | null {
  try {
    const value = JSON.parse(text) as Partial<KeptVerification> | null;
    const { record, archive, keyName } = value ?? {};
    const sound =
      (record?.state === 'ok' || record?.state === 'damaged') &&
      ['valid', 'mismatch', 'unsigned', 'unknown_scheme'].includes(record.trust) &&
      !Number.isNaN(Date.parse(record.at)) &&
      typeof archive?.ino === 'number' &&
      typeof keyName === 'string';
    return sound ? (value as KeptVerification) : null;
  } catch {
    return null;
  }
}
