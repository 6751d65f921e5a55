// Builds and runs an app in one step. Usage: node tools/run-app.mjs <app> [arguments of the app]
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';

const [app, ...args] = process.argv.slice(2);
if (!app) throw new Error('Which app? node tools/run-app.mjs <app>');
const root = resolve(import.meta.dirname, '..');
execFileSync(process.execPath, [resolve(root, 'tools/build-app.mjs')], { stdio: 'inherit' });

// In this very process, so that signals and the exit code are those of the app.
const main = resolve(root, `dist/apps/${app}/main.js`);
process.argv.splice(1, Infinity, main, ...args);
process.setSourceMapsEnabled(true);
createRequire(import.meta.url)(main);
