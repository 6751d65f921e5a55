// Everything a change must pass, ending in "N passed, N failed": each jest test counts, and each step before them counts once.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '..');
const bin = (name) => join(ROOT, 'node_modules/.bin', name);

const CHECKS = [
  ['format', bin('prettier'), '--check', '--log-level', 'warn', '.'],
  ['lint', process.execPath, 'tools/lint.mjs'],
  ['types', bin('tsc'), '-p', 'tsconfig.json'],
  ['types of the console', bin('tsc'), '-p', 'apps/console/tsconfig.json'],
  ['build', process.execPath, 'tools/build-app.mjs'],
];

function run(name, command, args) {
  process.stdout.write(`\n— ${name}\n`);
  const start = Date.now();
  const { status, error } = spawnSync(command, args, { cwd: ROOT, stdio: 'inherit' });
  if (error) process.stdout.write(`${error.message}\n`);
  const passed = status === 0;
  process.stdout.write(`— ${name}: ${passed ? 'passed' : 'FAILED'} in ${((Date.now() - start) / 1000).toFixed(1)} s\n`);
  return passed;
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

function runJest() {
  const directory = mkdtempSync(join(tmpdir(), 'pawvault-test-'));
  const report = join(directory, 'report.json');
  const args = ['--projects', ...JEST_PROJECTS, '--maxWorkers', '2', '--json', '--outputFile', report];
  const passed = run('tests', bin('jest'), args);
  const counts = countTests(report);
  rmSync(directory, { recursive: true });
  // jest also fails without a failed test, for instance when a process of a test does not end
  return { ...counts, failed: passed ? counts.failed : Math.max(1, counts.failed) };
}

const folders = ['libs', 'apps'].flatMap((parent) =>
  readdirSync(join(ROOT, parent)).map((name) => `${parent}/${name}`),
);
const JEST_PROJECTS = [...folders, 'tools'].filter((folder) => existsSync(join(ROOT, folder, 'jest.config.js')));
const results = CHECKS.map(([name, command, ...args]) => run(name, command, args));
const jest = runJest();
const passed = results.filter(Boolean).length + jest.passed;
const failed = results.filter((result) => !result).length + jest.failed;
process.stdout.write(`\n${passed} passed, ${failed} failed${jest.skipped > 0 ? `, ${jest.skipped} skipped` : ''}\n`);
process.exitCode = failed === 0 ? 0 : 1;
