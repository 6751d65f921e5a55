import { closeSync, mkdirSync, openSync, readFileSync, renameSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A start with a longer log begins a new one and keeps the last. */
const LONGEST_BYTES = 10 * 1024 * 1024;
const TAIL_LINES = 5;

/** Where a child writes its structured log, so that the terminal stays readable. */
export interface LogFile {
  path: string;
  /** For the child; close it once the child has it. */
  open(): { fd: number; close: () => void };
  /** The last lines, for when a child could not start. */
  tail(): string;
}

/** @param stateDir the state directory of the instance; logs are for this user alone */
export function logFile(stateDir: string, name: string): LogFile {
  const path = join(stateDir, 'logs', `${name}.log`);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > LONGEST_BYTES) renameSync(path, `${path}.1`);
  return {
    path,
    open() {
      const fd = openSync(path, 'a', 0o600);
      return { fd, close: () => closeSync(fd) };
    },
    tail: () => readFileSync(path, 'utf8').trimEnd().split('\n').slice(-TAIL_LINES).join('\n'),
  };
}
