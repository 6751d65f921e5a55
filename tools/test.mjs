// Everything a change must pass, ending in "N passed, N failed, N skipped": each jest test counts, and each other step counts once.
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { placeFor, rightsHere } from './rights.mjs';
import { runJest } from './run-jest.mjs';
import { runStep } from './run-step.mjs';

const ROOT = resolve(import.meta.dirname, '..');
const bin = (name) => join(ROOT, 'node_modules/.bin', name);

/** Beside each other, because most of them keep one core busy. */
const CHECKS = [
  ['lint', process.execPath, 'tools/lint.mjs'],
  ['format', bin('prettier'), '--check', '--log-level', 'warn', '.'],
  ['types', bin('tsc'), '-p', 'tsconfig.json'],
  ['types of the console', bin('tsc'), '-p', 'apps/console/tsconfig.json'],
  ['build', process.execPath, 'tools/build-app.mjs'],
];
const LANES = 2;

/** The suites that depend on what the file system allows this process to do; without the folders that do not. */
const SUITES_UNDER_OTHER_RIGHTS = [
  ...['--projects', 'libs/durable-fs', 'libs/store', 'libs/engine', 'libs/testing'],
  ...[
    '--testPathIgnorePatterns',
    'engine/src/(verify|threads)/',
    'engine/src/restore/workload/',
    'engine/src/import/import.spec',
  ],
];

const passedIf = (passed) => ({ passed: passed ? 1 : 0, failed: passed ? 0 : 1, skipped: 0 });

function failure(reason) {
  process.stdout.write(`— FAILED: ${reason}\n`);
  return passedIf(false);
}

async function runChecks() {
  const waiting = [...CHECKS];
  const results = [];
  const lane = async () => {
    for (let check = waiting.shift(); check !== undefined; check = waiting.shift())
      results.push(passedIf(await runStep(check, { cwd: ROOT, env: process.env, stdio: 'pipe' })));
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return results;
}

function allProjects() {
  const folders = ['libs', 'apps'].flatMap((parent) =>
    readdirSync(join(ROOT, parent)).map((name) => `${parent}/${name}`),
  );
  return [...folders, 'tools'].filter((folder) => existsSync(join(ROOT, folder, 'jest.config.js')));
}

/** Under the rights of this process all suites run. Root on Linux can run every test, so in CI one that it skips has failed. */
async function runAllSuites({ here, strict }) {
  const counts = await runJest(`tests as ${here}`, ['--projects', ...allProjects()], { root: ROOT });
  // A machine of a developer may lack a tool; CI has installed all of them, and says so.
  if (!strict || process.env.PAWVAULT_NO_SKIPS !== '1') return [counts];
  const none = counts.skipped === 0;
  return [counts, none ? passedIf(true) : failure(`root runs every test, and ${counts.skipped} were skipped`)];
}

async function runUnder(rights) {
  let place;
  try {
    place = placeFor(rights, ROOT);
  } catch (error) {
    return failure(`no tests as ${rights.name}: ${error.message}`);
  }
  try {
    return await runJest(`tests as ${rights.name}`, SUITES_UNDER_OTHER_RIGHTS, { root: ROOT, place });
  } finally {
    place.remove();
  }
}

const rights = rightsHere();
const results = [...(await runChecks()), ...(await runAllSuites(rights))];
for (const other of rights.others) results.push(await runUnder(other));
for (const name of rights.leftOut) process.stdout.write(`— left out: the tests as ${name}; root runs them, too\n`);

const sum = (field) => results.reduce((total, counts) => total + counts[field], 0);
process.stdout.write(`\n${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped\n`);
process.exitCode = sum('failed') === 0 ? 0 : 1;
