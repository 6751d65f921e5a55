import { join } from 'node:path';
import { makeStateDirectory } from '@pawvault/durable-fs';

const BELOW = '.pawvault/uploads';

export const uploadDirectory = (backupDir: string): string => join(backupDir, BELOW);

/**
 * Makes the directory of uploads that come in pieces, on the file system of the backups.
 * @throws DomainError STATE_FILE_UNTRUSTED if it is there and not PawVault's own
 */
export const makeUploadDirectory = (backupDir: string): void =>
  makeStateDirectory({ root: backupDir, below: BELOW }).close();
