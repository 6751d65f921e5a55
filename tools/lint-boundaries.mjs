// Lints sources that need not exist with the rules of this workspace that guard its borders.
// stdin: [{ path, text }], stdout: [{ path, messages: [{ ruleId, message }] }]. Used by boundaries.spec.ts.
import { createProjectGraphAsync } from '@nx/devkit';
import { ESLint } from 'eslint';
import { text as readAll } from 'node:stream/consumers';

const GUARDS = ['@nx/enforce-module-boundaries', 'no-restricted-imports', 'no-restricted-globals'];

// The boundary rule reads the graph from Nx' cache and skips itself when there is none.
await createProjectGraphAsync({ exitOnError: true });

const eslint = new ESLint({
  ruleFilter: ({ ruleId }) => GUARDS.includes(ruleId),
  // Type information exists only for files on disk, and these rules need none.
  overrideConfig: { languageOptions: { parserOptions: { projectService: false } } },
});

const results = [];
for (const { path, text } of JSON.parse(await readAll(process.stdin))) {
  const [result] = await eslint.lintText(text, { filePath: path });
  results.push({ path, messages: result.messages.map(({ ruleId, message }) => ({ ruleId, message })) });
}
process.stdout.write(JSON.stringify(results) + '\n');
