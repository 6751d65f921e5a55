import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { AttackScene } from './attack-scene';

/** Swaps what it is told for links to its like outside and back, in random order and as fast as it can. */
const PROGRAM = `
const fs = require('node:fs');
const { join } = require('node:path');
const [workspace, outside, seed, ...places] = process.argv.slice(1);
let state = Number(seed);
const next = (below) => { state = (state * 1103515245 + 12345) % 2147483648; return state % below; };
const aside = workspace + '.aside';
console.log('begun');
for (;;) {
  const relative = places[next(places.length)];
  const path = join(workspace, relative);
  fs.renameSync(path, aside);
  fs.symlinkSync(join(outside, relative), path);
  for (let spin = next(20000); spin > 0; spin--);
  fs.unlinkSync(path);
  fs.renameSync(aside, path);
  for (let spin = next(20000); spin > 0; spin--);
}
`;

export interface SwappingProgram {
  stop(): Promise<void>;
}

/** @param places paths relative to the workspace */
export async function startSwapping(
  scene: AttackScene,
  places: readonly string[],
  seed: number,
): Promise<SwappingProgram> {
  const args = ['-e', PROGRAM, scene.workspace, scene.outside, String(seed), ...places];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(createInterface({ input: child.stdout }), 'line');
  return {
    stop: async () => {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
  };
}
