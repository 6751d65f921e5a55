import { lstat, mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { VerificationRecord } from '@pawvault/contracts';
import { errnoOf, fsyncDirectory, removeFile, writeFileAtomic } from '@pawvault/durable-fs';
import { type Fingerprint, fingerprintOf, sameFingerprint } from './fingerprint';
import { mapBounded } from './map-bounded';

/** A record and what it speaks of: these bytes, and the key that their signature was compared with. */
export interface KeptVerification {
  record: VerificationRecord;
  archive: Fingerprint;
  keyName: string;
}

const PARALLEL_READS = 16;
/** Time stamps are as coarse as the kernel's tick: a directory that changed just now may change again unseen. */
const SETTLED_MS = 100;

/** `<backup-dir>/.pawvault/verifications/<id>.json`, one small file a backup. Another process writes there as well. */
export class VerificationRecords {
  private readonly directory: string;
  private stamp = '';
  private records = new Map<string, { file: Fingerprint; kept: KeptVerification | null }>();

  constructor(backupDir: string) {
    this.directory = join(backupDir, '.pawvault', 'verifications');
  }

  /** By backup id. Whether a record still fits the archive is for the caller to compare. Damaged records count as none. */
  async readAll(): Promise<ReadonlyMap<string, { kept: KeptVerification | null }>> {
    const stamp = await this.directoryStamp();
    if (stamp === null || stamp !== this.stamp) {
      await this.refresh();
      this.stamp = stamp ?? '';
    }
    return this.records;
  }

  async write(id: string, kept: KeptVerification): Promise<void> {
    await mkdir(this.directory, { recursive: true, mode: 0o700 });
    await writeFileAtomic(this.pathOf(id), `${JSON.stringify(kept)}\n`);
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
    const names = (await this.names()).filter((name) => name.endsWith('.json') && !name.startsWith('.'));
    const read = await mapBounded(names, PARALLEL_READS, (name) => this.readChanged(name.slice(0, -'.json'.length)));
    this.records = new Map(read.filter((item) => item !== null));
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
    id: string,
  ): Promise<[string, { file: Fingerprint; kept: KeptVerification | null }] | null> {
    try {
      const file = fingerprintOf(await lstat(this.pathOf(id)));
      const known = this.records.get(id);
      if (known !== undefined && sameFingerprint(known.file, file)) return [id, known];
      return [id, { file, kept: parseKept(await readFile(this.pathOf(id), 'utf8')) }];
    } catch (error) {
      if (errnoOf(error) !== undefined) return null;
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
