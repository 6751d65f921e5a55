import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

const FILE = 'engine-thread.js';
const BUILT = join('dist', 'libs', 'engine', FILE);

/**
 * The bundled thread program: beside the bundle that is running, or, when running from source, in the build directory of the workspace.
 * @throws Error telling how to build it
 */
export function threadEntry(): string {
  const beside = join(__dirname, FILE);
  if (existsSync(beside)) return beside;
  for (let directory = __dirname; directory !== dirname(directory); directory = dirname(directory)) {
    const built = join(directory, BUILT);
    if (existsSync(built)) return built;
  }
  throw new Error(`${BUILT} is missing: run "npm run build"`);
}
