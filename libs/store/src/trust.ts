import { ARCHIVE_SCHEME, type ArchiveLimits, peekTrust, type SignedMeta } from '@pawvault/archive';
import { DomainError, type TrustState } from '@pawvault/contracts';
import { toDomainError } from '@pawvault/durable-fs';
import { type Fingerprint, sameFingerprint } from './fingerprint';
import type { KeyView } from './signing-key-view';
import type { StoredBackup } from './stored-backup';
import type { KeptVerification } from './verification-records';

/** What the metadata alone tells; null where a key is needed. */
export function trustOfMeta(meta: SignedMeta): 'unsigned' | 'unknown_scheme' | null {
  if (meta.signature === null) return 'unsigned';
  return meta.signature.startsWith(`${ARCHIVE_SCHEME}:`) ? null : 'unknown_scheme';
}

/** What a verification of exactly these bytes found, as long as the key is the one that it compared with. */
export function trustOfVerification(kept: KeptVerification | null, key: KeyView | null): TrustState | null {
  return kept !== null && kept.keyName === key?.name ? kept.record.trust : null;
}

interface Proof {
  file: Fingerprint;
  keyName: string;
  trust: Promise<TrustState>;
}

/** Proves manifest signatures and remembers the outcome for as long as neither the file nor the key changes. */
export class TrustProver {
  private readonly proofs = new Map<string, Proof>();

  constructor(private readonly limits: ArchiveLimits) {}

  /** The outcome of an earlier proof, or null. */
  known(backup: StoredBackup, key: KeyView): Promise<TrustState> | null {
    const proof = this.proofs.get(backup.fileName);
    const fits = proof !== undefined && proof.keyName === key.name && sameFingerprint(proof.file, backup);
    return fits ? proof.trust : null;
  }

  /** @returns 'mismatch' also for an archive whose metadata or manifest is damaged: nothing in it can be believed */
  prove(backup: StoredBackup, key: KeyView): Promise<TrustState> {
    const known = this.known(backup, key);
    if (known !== null) return known;
    const trust = this.read(backup, key);
    this.proofs.set(backup.fileName, { file: backup, keyName: key.name, trust });
    return trust;
  }

  forget(fileName: string): void {
    this.proofs.delete(fileName);
  }

  keepOnly(present: ReadonlySet<string>): void {
    for (const name of this.proofs.keys()) if (!present.has(name)) this.proofs.delete(name);
  }

  private async read(backup: StoredBackup, { key }: KeyView): Promise<TrustState> {
    try {
      return await peekTrust(backup.source, this.limits, key);
    } catch (error) {
      if (error instanceof DomainError) return 'mismatch';
      this.forget(backup.fileName);
      if (toDomainError(error) instanceof DomainError) return 'unchecked';
      throw error;
    }
  }
}
