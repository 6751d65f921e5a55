import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** Swaps directories for links to a tree outside and back, in random order and as fast as it can; what has gone meanwhile is left. */
const PROGRAM = `
const fs = require('node:fs');
const { join, dirname } = require('node:path');
const [workspaces, canary, seed, ...places] = process.argv.slice(1);
let state = Number(seed);
const next = (below) => { state = (Math.imul(state, 1664525) + 1013904223) >>> 0; return Math.floor((state / 2 ** 32) * below); };
const attempt = (act) => { try { act(); } catch {} };
const find = (place) => {
  if (!place.startsWith('private')) return place;
  const own = fs.readdirSync(workspaces).filter((name) => name.startsWith('.pawvault-restore-'));
  return own.length === 0 ? 'a/d1' : place.replace('private', own[next(own.length)]);
};
console.log('begun');
for (let n = 0; ; n++) {
  attempt(() => {
    const relative = find(places[next(places.length)]);
    const path = join(workspaces, relative);
    const aside = join(dirname(path), '.aside-' + n);
    fs.renameSync(path, aside);
    attempt(() => fs.symlinkSync(join(canary, next(2) === 0 ? '' : 'd1'), path));
    for (let spin = next(40000); spin > 0; spin--);
    attempt(() => fs.lstatSync(path).isSymbolicLink() && fs.unlinkSync(path));
    attempt(() => fs.lstatSync(path, { throwIfNoEntry: false }) === undefined && fs.renameSync(aside, path));
  });
  for (let spin = next(40000); spin > 0; spin--);
}
`;

export interface Attacker {
  /** Until then nothing moves. */
  goOn(): void;
  pause(): Promise<void>;
  stop(): Promise<void>;
}

export interface AttackerOptions {
  workspaces: string;
  canary: string;
  seed: number;
  /** Relative to the workspaces; `private` is the private directory of a restore. */
  places: readonly string[];
  /** undefined: that of this process. */
  uid: number | undefined;
}

/** A process of its own; it is paused when it comes. */
export async function startAttacker({ workspaces, canary, seed, places, uid }: AttackerOptions): Promise<Attacker> {
  const args = ['-e', PROGRAM, workspaces, canary, String(seed), ...places];
  const as = uid === undefined ? {} : { uid, gid: uid };
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], cwd: '/', ...as });
  await once(createInterface({ input: child.stdout }), 'line');
  const pause = async (): Promise<void> => {
    child.kill('SIGSTOP');
    // A stopped process is listed as such; the signal may come a moment later.
    while (!isStopped(child.pid ?? 0)) await new Promise((resolve) => setImmediate(resolve));
  };
  await pause();
  return {
    goOn: () => void child.kill('SIGCONT'),
    pause,
    stop: async () => {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
  };
}

function isStopped(pid: number): boolean {
  return /^\d+ \(.*\) T/.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
}
