import type { AuditEvent, AuditProof, AuditRecord } from '@pawvault/contracts';
import { toDomainError } from '@pawvault/durable-fs';
import { AuditFiles } from './audit-files';
import { chain, NO_RECORD, readRecord } from './audit-record';

export interface AuditLogOptions {
  backupDir: string;
  clock: () => Date;
}

export interface AuditPage {
  /** Newest first. */
  records: AuditRecord[];
  /** Ask for what stands before this number to go on; null at the beginning of the log. */
  next: number | null;
}

/**
 * Who did what to which backup: `<backups>/.pawvault/audit/`, append-only, each record chained to the one before it by hash. Several
 * processes may append. What it cannot show by itself is that its newest records were cut off: for that, keep `head` elsewhere.
 */
export class AuditLog {
  private readonly files: AuditFiles;
  private readonly clock: () => Date;
  /** Of the newest record that this process knows. */
  private head: { seq: number; hash: string } | null = null;
  private tail: Promise<unknown> = Promise.resolve();

  constructor({ backupDir, clock }: AuditLogOptions) {
    this.files = new AuditFiles({ root: backupDir, below: '.pawvault/audit' });
    this.clock = clock;
  }

  /** On disk when it resolves. @throws DomainError DISK_FULL, PERMISSION_DENIED, IO_ERROR */
  append(event: AuditEvent): Promise<AuditRecord> {
    const appended = this.tail.then(() => this.appendNow(event));
    this.tail = appended.catch(() => undefined);
    return appended;
  }

  /** @throws DomainError PERMISSION_DENIED, IO_ERROR */
  async read({ before, limit }: { before: number | null; limit: number }): Promise<AuditPage> {
    const newest = before === null ? await this.files.newest() : before - 1;
    const records: AuditRecord[] = [];
    let seq = newest;
    for (; seq > 0 && records.length < limit; seq -= 1) {
      const record = readRecord((await this.files.read(seq)) ?? '');
      if (record !== null) records.push(record);
    }
    return { records, next: seq > 0 ? seq + 1 : null };
  }

  /** Reads all of it. A record that was changed, removed or put in between breaks the chain. */
  async prove(): Promise<AuditProof> {
    const newest = await this.files.newest();
    let previous = NO_RECORD;
    for (let seq = 1; seq <= newest; seq += 1) {
      const record = readRecord((await this.files.read(seq)) ?? '');
      if (record?.seq !== seq || record.previous !== previous)
        return { state: 'broken', records: seq - 1, head: previous, broken_at: seq };
      previous = record.hash;
    }
    return { state: 'intact', records: newest, head: previous, broken_at: null };
  }

  private async appendNow(event: AuditEvent): Promise<AuditRecord> {
    try {
      this.head ??= await this.findHead(await this.files.newest());
      for (;;) {
        const { seq, hash }: { seq: number; hash: string } = this.head;
        const record = chain(event, { seq: seq + 1, at: this.clock().toISOString(), previous: hash });
        const mine = await this.files.create(record.seq, `${JSON.stringify(record)}\n`);
        this.head = mine ? record : await this.findHead(record.seq);
        if (mine) return record;
      }
    } catch (error) {
      this.head = null;
      throw toDomainError(error);
    }
  }

  /** A record that was damaged still has its number: what follows names no good hash, and the proof says where it breaks. */
  private async findHead(seq: number): Promise<{ seq: number; hash: string }> {
    if (seq === 0) return { seq, hash: NO_RECORD };
    const record = readRecord((await this.files.read(seq)) ?? '');
    return { seq, hash: record?.hash ?? NO_RECORD };
  }
}
