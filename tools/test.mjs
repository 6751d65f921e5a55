// Everything a change must pass, ending in "N passed, N failed": each jest test counts, and each step before them counts once.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

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

/** More than cores, because many tests wait for processes. */
const JEST_WORKERS = 3;

/** @param stdio 'inherit' shows the output while it runs, 'pipe' when it has ended @returns whether it passed */
async function run([name, command, ...args], stdio) {
  const start = Date.now();
  if (stdio === 'inherit') process.stdout.write(`\n— ${name}\n`);
  const child = spawn(command, args, { cwd: ROOT, stdio: ['ignore', stdio, stdio] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (said += chunk));
  const passed = await new Promise((settle) => {
    child.once('error', (error) => ((said += error.message), settle(false)));
    child.once('close', (code) => settle(code === 0));
  });
  if (said.trim() !== '') process.stdout.write(`\n— ${name}\n${said.trim()}\n`);
  process.stdout.write(`— ${name}: ${passed ? 'passed' : 'FAILED'} in ${((Date.now() - start) / 1000).toFixed(1)} s\n`);
  return passed;
}

async function runChecks() {
  const waiting = [...CHECKS];
  const results = [];
  const lane = async () => {
    for (let check = waiting.shift(); check !== undefined; check = waiting.shift())
      results.push(await run(check, 'pipe'));
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return results;
}

/** A suite that could not even start holds no tests, but it has failed. */
function countTests(reportFile) {
  try {
    const report = JSON.parse(readFileSync(reportFile, 'utf8'));
    return {
      passed: report.numPassedTests,
      failed: report.numFailedTests + report.numRuntimeErrorTestSuites,
      skipped: report.numPendingTests + report.numTodoTests,
    };
  } catch {
    return { passed: 0, failed: 0, skipped: 0 };
  }
}

async function runJest() {
  const directory = mkdtempSync(join(tmpdir(), 'pawvault-test-'));
  const report = join(directory, 'report.json');
  const folders = ['libs', 'apps'].flatMap((parent) =>
    readdirSync(join(ROOT, parent)).map((name) => `${parent}/${name}`),
  );
  const projects = [...folders, 'tools'].filter((folder) => existsSync(join(ROOT, folder, 'jest.config.js')));
  const options = ['--maxWorkers', String(JEST_WORKERS), '--json', '--outputFile', report];
  const passed = await run(['tests', bin('jest'), '--projects', ...projects, ...options], 'inherit');
  const counts = countTests(report);
  rmSync(directory, { recursive: true });
  // jest also fails without a failed test, for instance when a process of a test does not end
  return { ...counts, failed: passed ? counts.failed : Math.max(1, counts.failed) };
}

const results = await runChecks();
const jest = await runJest();
const passed = results.filter(Boolean).length + jest.passed;
const failed = results.filter((result) => !result).length + jest.failed;
process.stdout.write(`\n${passed} passed, ${failed} failed${jest.skipped > 0 ? `, ${jest.skipped} skipped` : ''}\n`);
process.exitCode = failed === 0 ? 0 : 1;
