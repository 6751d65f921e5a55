import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runStep } from './run-step.mjs';

/** More than cores, because many tests wait for processes. */
const WORKERS = 3;

/**
 * Runs jest and counts its tests. What it skipped is listed with the reasons in the names.
 * @param place of `placeFor`, or none for the rights of this process
 * @returns how many passed, failed and were skipped
 */
export async function runJest(name, args, { root, place }) {
  const directory = place?.directory ?? mkdtempSync(join(tmpdir(), 'pawvault-test-'));
  const report = join(place?.env.HOME ?? directory, 'report.json');
  const cache = place === undefined ? [] : ['--cacheDirectory', place.cache];
  const jest = join(place?.root ?? root, 'node_modules/.bin/jest');
  const program = [jest, ...args, ...cache, '--maxWorkers', `${WORKERS}`, '--json', '--outputFile', report];
  const command = place?.command(program) ?? program;
  try {
    const options = { cwd: place?.root ?? root, env: place?.env ?? process.env, stdio: 'inherit' };
    const passed = await runStep([name, ...command], options);
    const counts = countTests(report);
    for (const test of counts.skippedNames) process.stdout.write(`  skipped: ${test}\n`);
    // jest also fails without a failed test, for instance when a process of a test does not end
    return { ...counts, failed: passed ? counts.failed : Math.max(1, counts.failed) };
  } finally {
    if (place === undefined) rmSync(directory, { recursive: true });
  }
}

/** A suite that could not even start holds no tests, but it has failed. */
function countTests(reportFile) {
  try {
    const report = JSON.parse(readFileSync(reportFile, 'utf8'));
    const tests = report.testResults.flatMap(({ assertionResults }) => assertionResults);
    return {
      passed: report.numPassedTests,
      failed: report.numFailedTests + report.numRuntimeErrorTestSuites,
      skipped: report.numPendingTests + report.numTodoTests,
      skippedNames: tests.filter(({ status }) => ['pending', 'todo'].includes(status)).map(({ fullName }) => fullName),
    };
  } catch {
    return { passed: 0, failed: 1, skipped: 0, skippedNames: [] };
  }
}
