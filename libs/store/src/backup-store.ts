import { join } from 'node:path';
import type { ArchiveLimits } from '@pawvault/archive';
import {
  type BackupDetail,
  type BackupSummary,
  DomainError,
  isBackupId,
  type VerificationRecord,
} from '@pawvault/contracts';
import { freeBytes, fsyncDirectory, removeFile, toDomainError } from '@pawvault/durable-fs';
import { readContents, withArchive } from './archive-contents';
import { type FilePage, type FileQuery, listFiles, openEntry, type OpenedFile } from './browse';
import { type Catalogue, CatalogueReader } from './catalogue';
import { fingerprintIn, sameFingerprint } from './fingerprint';
import { mapBounded } from './map-bounded';
import type { Store, StoreListing, StoreOptions } from './store';
import { currentKey, type KeyView } from './signing-key-view';
import { compareNewestFirst, type Evidence, type StoredBackup, toSummary } from './stored-backup';
import { trustOfMeta, TrustProver, trustOfVerification } from './trust';
import { type KeptVerification, VerificationRecords } from './verification-records';

/** Manifests are inflated and hashed on the event loop's threads; more at once only costs memory. */
const PARALLEL_PROOFS = 4;

/** See {@link Store}. Holds caches only: two stores on one directory, in two processes, see the same backups. */
export class BackupStore implements Store {
  private readonly directory: string;
  private readonly limits: ArchiveLimits;
  private readonly catalogue: CatalogueReader;
  private readonly verifications: VerificationRecords;
  private readonly prover: TrustProver;

  constructor({ backupDir, limits, onUntrusted = () => undefined }: StoreOptions) {
    this.directory = backupDir;
    this.limits = limits;
    this.catalogue = new CatalogueReader(backupDir, limits);
    this.verifications = new VerificationRecords(backupDir, onUntrusted);
    this.prover = new TrustProver(limits);
  }

  async list(): Promise<StoreListing> {
    const { backups, invalid, duplicates } = await this.readCatalogue();
    const [key, records] = await Promise.all([currentKey(this.directory), this.verifications.readAll()]);
    const summaries = backups.map(async (backup) => {
      const kept = fitting(records.get(backup.id)?.kept ?? null, backup);
      const trust = knownTrust(backup, { kept, key }) ?? (await this.provenBefore(backup, key));
      return toSummary(backup, { trust: trust ?? 'unchecked', verification: kept?.record ?? null });
    });
    return { backups: (await Promise.all(summaries)).sort(compareNewestFirst), invalid, duplicates };
  }

  async proveTrust(summaries: readonly BackupSummary[]): Promise<BackupSummary[]> {
    const key = await currentKey(this.directory);
    return mapBounded(summaries, PARALLEL_PROOFS, async (summary) => {
      if (summary.trust !== 'unchecked' || key === null) return summary;
      const backup = await this.catalogue.readFile(summary.file_name).catch(asAbsent);
      if (backup?.id !== summary.id || backup.meta.manifest_signature === null) return summary;
      return { ...summary, trust: await this.prover.prove(backup, key) };
    });
  }

  async find(id: string): Promise<StoredBackup> {
    assertId(id);
    const direct = await this.readCanonical(id);
    if (direct instanceof DomainError) return (await this.search(id)) ?? raise(direct);
    if (direct?.id === id) return direct;
    return (await this.search(id)) ?? raise(new DomainError('BACKUP_NOT_FOUND', undefined, { id }));
  }

  async summary(id: string): Promise<BackupSummary> {
    return this.summarise(await this.find(id));
  }

  async detail(id: string): Promise<BackupDetail> {
    const backup = await this.find(id);
    const contents = await withArchive(backup, this.limits, readContents);
    const { duplicates } = await this.readCatalogue();
    const others = duplicates.filter((duplicate) => duplicate.id === id).map(({ file_name }) => file_name);
    return { ...(await this.summarise(backup)), ...contents, duplicates: others };
  }

  async files(id: string, query: FileQuery): Promise<FilePage> {
    return withArchive(await this.find(id), this.limits, (reader) => listFiles(reader, query));
  }

  async openFile(id: string, path: string): Promise<OpenedFile> {
    return openEntry(await this.find(id), path, this.limits);
  }

  async remove(id: string): Promise<void> {
    const { path, name } = await this.removable(id);
    try {
      await removeFile(path);
      await fsyncDirectory(this.directory);
      await this.verifications.remove(id);
    } catch (error) {
      throw toDomainError(error, path);
    } finally {
      this.catalogue.forget(name);
      this.prover.forget(name);
    }
  }

  async recordVerification(backup: StoredBackup, record: VerificationRecord): Promise<void> {
    const key = await currentKey(this.directory);
    await this.verifications.write(backup.id, {
      record,
      archive: fingerprintIn(backup),
      keyName: key?.name ?? 'unusable',
    });
  }

  async freeBytes(): Promise<number> {
    try {
      return await freeBytes(this.directory);
    } catch (error) {
      throw toDomainError(error, this.directory);
    }
  }

  archivePath(id: string): string {
    assertId(id);
    return join(this.directory, `${id}.zip`);
  }

  private async readCatalogue(): Promise<Catalogue> {
    const catalogue = await this.catalogue.read();
    this.prover.keepOnly(new Set(catalogue.backups.map(({ fileName }) => fileName)));
    return catalogue;
  }

  private async summarise(backup: StoredBackup): Promise<BackupSummary> {
    const [key, records] = await Promise.all([currentKey(this.directory), this.verifications.readAll()]);
    const kept = fitting(records.get(backup.id)?.kept ?? null, backup);
    const trust = knownTrust(backup, { kept, key }) ?? (key === null ? 'unchecked' : await this.proof(backup, key));
    return toSummary(backup, { trust, verification: kept?.record ?? null });
  }

  private async proof(backup: StoredBackup, key: KeyView): Promise<Evidence['trust']> {
    return backup.meta.manifest_signature === null ? 'unchecked' : this.prover.prove(backup, key);
  }

  private provenBefore(backup: StoredBackup, key: KeyView | null): Promise<Evidence['trust']> | null {
    return key === null ? null : this.prover.known(backup, key);
  }

  /** `<id>.zip`, or why it cannot be read. */
  private async readCanonical(id: string): Promise<StoredBackup | DomainError | null> {
    try {
      return await this.catalogue.readFile(`${id}.zip`);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      const details = { ...error.details, id, reason: error.code };
      return error.code.startsWith('ARCHIVE_')
        ? new DomainError('BACKUP_INVALID', error.message, details, { cause: error })
        : error;
    }
  }

  private async search(id: string): Promise<StoredBackup | null> {
    const { backups } = await this.readCatalogue();
    return backups.find((backup) => backup.id === id) ?? null;
  }

  /** What nobody can read can still be deleted, by the name that its id would give it. */
  private async removable(id: string): Promise<{ path: string; name: string }> {
    try {
      const { path, fileName } = await this.find(id);
      return { path, name: fileName };
    } catch (error) {
      if (!(error instanceof DomainError) || error.code !== 'BACKUP_INVALID') throw error;
      return { path: this.archivePath(id), name: `${id}.zip` };
    }
  }
}

/** From what is at hand, without reading: metadata first, because no key makes an unsigned archive trusted. */
function knownTrust(
  backup: StoredBackup,
  evidence: { kept: KeptVerification | null; key: KeyView | null },
): Evidence['trust'] | null {
  return trustOfMeta(backup.meta) ?? trustOfVerification(evidence.kept, evidence.key);
}

const fitting = (kept: KeptVerification | null, backup: StoredBackup): KeptVerification | null =>
  kept !== null && sameFingerprint(kept.archive, backup) ? kept : null;

function assertId(id: string): void {
  if (!isBackupId(id)) throw new DomainError('BACKUP_ID_INVALID', undefined, { id: String(id).slice(0, 200) });
}

function raise(error: DomainError): never {
  throw error;
}

/** Between a listing and a closer look a file may vanish or break; the summary then stays as it was. */
function asAbsent(error: unknown): null {
  if (error instanceof DomainError) return null;
  throw error;
}
