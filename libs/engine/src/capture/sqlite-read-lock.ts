import { readdirSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { canHold, type Identity, isSameNode } from '@pawvault/durable-fs';
import type { DatabaseFiles } from './database-files';
import { openReadOnly, type SqliteDatabase } from './sqlite-driver';

const DESCRIPTORS = '/proc/self/fd';

/**
 * Holds a read transaction on a database, which keeps other programs from checkpointing it. SQLite opens files by their path, and another
 * program may have put a link there: so it opens for reading alone and creates nothing, and before any statement runs its own
 * descriptor is compared with the file that was listed.
 * @param expected the database as it was opened through its directory; that descriptor must stay open for as long as the lock: closing any
 *   descriptor of a file drops all POSIX locks of this process on it
 * @returns null where no lock can be had, or descriptors cannot be compared
 */
export function lockForReading(files: DatabaseFiles, expected: Identity): ReadLock | null {
  if (!canHold) return null;
  let database: SqliteDatabase | null = null;
  try {
    const before = openDescriptors();
    database = openReadOnly(join(readlinkSync(files.directory.at()), files.base));
    if (database !== null && hasOpened(expected, before)) {
      database.exec('BEGIN; SELECT count(*) FROM sqlite_master');
      const locked = database;
      return { release: () => close(locked) };
    }
  } catch {
    // A database that cannot be read by SQLite cannot be locked by it.
  }
  close(database);
  return null;
}

export interface ReadLock {
  release(): void;
}

/** Ends the transaction as well. Nothing was written through it, so a failure tells nothing. */
function close(database: SqliteDatabase | null): void {
  try {
    database?.close();
  } catch {
    return;
  }
}

type Descriptor = Identity & { fd: string };

function openDescriptors(): Descriptor[] {
  return readdirSync(DESCRIPTORS).flatMap((fd) => {
    const stat = statSync(`${DESCRIPTORS}/${fd}`, { throwIfNoEntry: false });
    return stat === undefined ? [] : [{ fd, dev: stat.dev, ino: stat.ino }];
  });
}

const hasOpened = (expected: Identity, before: readonly Descriptor[]): boolean =>
  openDescriptors().some(
    (now) => isSameNode(now, expected) && !before.some((was) => was.fd === now.fd && isSameNode(was, now)),
  );
