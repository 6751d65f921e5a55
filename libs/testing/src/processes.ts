import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

export interface ProcessInfo {
  pid: number;
  parent: number;
  /** Arguments, separated by spaces. */
  command: string;
}

/** Children of a process and theirs, dead ones that nobody has waited for left out. Linux only: reads /proc. */
export function descendantsOf(pid: number): ProcessInfo[] {
  const all = runningProcesses();
  const below = (parent: number): ProcessInfo[] =>
    all.filter((each) => each.parent === parent).flatMap((child) => [child, ...below(child.pid)]);
  return below(pid);
}

/** False for a zombie, too. Linux only. */
export const isRunning = (pid: number): boolean => readProcess(pid) !== null;

/** From here on {@link peakMemory} tells of what comes. @throws when the process is gone or belongs to someone else */
export const resetPeakMemory = (pid: number): void => writeFileSync(`/proc/${pid}/clear_refs`, '5');

/** `VmHWM` of a process: the most bytes that it had resident since its start or reset. @throws when it is gone */
export function peakMemory(pid: number): number {
  const line = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  if (!line) throw new Error(`Process ${pid} tells nothing of its memory`);
  return Number(line[1]) * 1024;
}

const runningProcesses = (): ProcessInfo[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readProcess(Number(name)))
    .filter((found) => found !== null);

function readProcess(pid: number): ProcessInfo | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name stands in parentheses and may hold any character.
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (state === 'Z' || state === 'X') return null;
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ').trim();
    return { pid, parent: Number(parent), command };
  } catch {
    return null;
  }
}
