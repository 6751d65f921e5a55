// Lints the whole workspace in one process: type information is built once, not once per project as `nx run-many -t lint` does.
// The border rule reads Nx' project graph from its cache and skips itself when there is none, so the graph is made first.
import { createProjectGraphAsync } from '@nx/devkit';
import { ESLint } from 'eslint';
import { resolve } from 'node:path';

await createProjectGraphAsync({ exitOnError: true });
const eslint = new ESLint({ cwd: resolve(import.meta.dirname, '..') });
const results = await eslint.lintFiles(['apps', 'libs', 'bench', 'tools']);
const formatter = await eslint.loadFormatter('stylish');
process.stdout.write(await formatter.format(results));
const complaints = results.reduce((sum, { errorCount, warningCount }) => sum + errorCount + warningCount, 0);
process.stdout.write(`${results.length} files, ${complaints} complaints\n`);
process.exitCode = complaints === 0 ? 0 : 1;
