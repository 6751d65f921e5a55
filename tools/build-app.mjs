// Bundles apps to dist/apps/<app>/main.js; packages of node_modules stay outside. The console becomes files for a browser.
// Usage: node tools/build-app.mjs [gateway | worker | standalone | demo | engine-thread | console]...   (default: all)
import { resolve } from 'node:path';
import { rolldown } from 'rolldown';

const ROOT = resolve(import.meta.dirname, '..');

/** A worker thread is a file of its own. It lies beside the worker that ships, and where the specs of the engine find it. */
const THREAD = 'libs/engine/src/threads/main.ts';
const BUNDLES = {
  gateway: { entry: 'apps/gateway/src/main.ts', files: ['dist/apps/gateway/main.js'] },
  worker: { entry: 'apps/worker/src/main.ts', files: ['dist/apps/worker/main.js'] },
  standalone: { entry: 'apps/standalone/src/main.ts', files: ['dist/apps/standalone/main.js'] },
  demo: { entry: 'apps/demo/src/main.ts', files: ['dist/apps/demo/main.js'] },
  'engine-thread': { entry: THREAD, files: ['dist/libs/engine/engine-thread.js', 'dist/apps/worker/engine-thread.js'] },
};

/** What is bundled: own files, and the compiler's runtime functions, which are in no package.json. */
const INSIDE = ['.', '/', '@pawvault/', '@oxc-project/runtime/'];
const isPackage = (id) => !INSIDE.some((start) => id.startsWith(start));

async function bundleProgram({ entry, files }) {
  const bundle = await rolldown({
    cwd: ROOT,
    input: entry,
    platform: 'node',
    external: isPackage,
    tsconfig: resolve(ROOT, 'tsconfig.json'),
    transform: { target: 'node20' },
    onwarn: (warning) => {
      throw new Error(`${entry}: ${warning.message}`);
    },
  });
  for (const file of files) {
    await bundle.write({ file: resolve(ROOT, file), format: 'cjs', sourcemap: true, codeSplitting: false });
  }
  await bundle.close();
}

const BUILDS = {
  ...Object.fromEntries(Object.entries(BUNDLES).map(([name, bundle]) => [name, () => bundleProgram(bundle)])),
  // Vite takes longer to load than the others to build.
  console: async () => (await import('./build-console.mjs')).buildConsole(),
};

const named = process.argv.slice(2);
const unknown = named.find((name) => !Object.hasOwn(BUILDS, name));
if (unknown) throw new Error(`Unknown app "${unknown}"; known are ${Object.keys(BUILDS).join(', ')}`);
await Promise.all((named.length > 0 ? named : Object.keys(BUILDS)).map((name) => BUILDS[name]()));
