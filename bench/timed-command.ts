import { execFileSync, spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { peakMemory } from '@pawvault/testing';

export interface Measure {
  seconds: number;
  /** Most bytes resident; of the processes that are named, not of their sum. */
  peaks: Record<string, number>;
  /** Bytes of the archive, where one was made. */
  size: number | null;
}

const SAMPLE_MS = 20;

export interface Command {
  program: string;
  args: string[];
  cwd?: string;
  /** The archive that it makes. */
  archive?: string;
}

/** What the contestant before has written is written out first, so that nobody pays for another. */
export function settleDisk(): void {
  execFileSync('sync');
}

/** Runs a program to its end. @throws Error with what it said when it fails */
export async function timedCommand({ program, args, cwd, archive }: Command): Promise<Measure> {
  settleDisk();
  const start = performance.now();
  const child = spawn(program, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4000)));
  }
  let peak = 0;
  const sampler = setInterval(() => (peak = Math.max(peak, peakNow(child.pid))), SAMPLE_MS);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  }).finally(() => clearInterval(sampler));
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}: ${said}`);
  const seconds = (performance.now() - start) / 1000;
  return { seconds, peaks: { [program]: peak }, size: archive === undefined ? null : statSync(archive).size };
}

/** 0 once the process is gone. The kernel keeps the maximum itself, so only the last moments can be missed. */
function peakNow(pid: number | undefined): number {
  try {
    return pid === undefined ? 0 : peakMemory(pid);
  } catch {
    return 0;
  }
}
