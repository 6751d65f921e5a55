import { readFile } from 'node:fs/promises';
import { processIdentity } from './process-identity';

/** A process as it is written down for those who come later. */
export interface ProcessRecord {
  pid: number;
  identity: string;
}

/** null when the process is gone already. */
export async function recordOf(pid: number): Promise<ProcessRecord | null> {
  const identity = await processIdentity(pid);
  return identity === null ? null : { pid, identity };
}

/** null when the file is missing or says nothing that can be used. */
export async function readRecord(path: string): Promise<ProcessRecord | null> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}

/** True while exactly that process lives; another one with its pid does not count. */
export const isAlive = async ({ pid, identity }: ProcessRecord): Promise<boolean> =>
  (await processIdentity(pid)) === identity;

const isRecord = (value: unknown): value is ProcessRecord =>
  typeof value === 'object' &&
  value !== null &&
  'pid' in value &&
  Number.isSafeInteger(value.pid) &&
  (value.pid as number) > 1 &&
  'identity' in value &&
  typeof value.identity === 'string';
