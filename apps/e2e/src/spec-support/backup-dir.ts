import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

export const archivesIn = (backupDir: string): string[] =>
  existsSync(backupDir) ? readdirSync(backupDir).filter((name) => name.endsWith('.zip')) : [];

/** What jobs have not finished or not cleaned up. */
export function unfinishedIn(backupDir: string): string[] {
  const work = join(backupDir, '.pawvault/work');
  return existsSync(work) ? readdirSync(work) : [];
}
