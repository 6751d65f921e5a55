import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build } from 'vite';

const CONSOLE = resolve(import.meta.dirname, '../apps/console');
const OUTPUT = resolve(import.meta.dirname, '../dist/apps/console');
const COMPRESSIBLE = new Set(['.css', '.html', '.js', '.svg']);

/** Bundles the console to dist/apps/console, with a compressed form beside each file: the gateway compresses nothing while it serves. */
export async function buildConsole() {
  await build({ root: CONSOLE, configFile: join(CONSOLE, 'vite.config.mjs'), logLevel: 'warn' });
  for (const name of readdirSync(OUTPUT, { recursive: true, encoding: 'utf8' })) {
    if (COMPRESSIBLE.has(extname(name))) compress(join(OUTPUT, name));
  }
}

function compress(path) {
  const content = readFileSync(path);
  const quality = { params: { [constants.BROTLI_PARAM_SIZE_HINT]: content.length } };
  writeFileSync(`${path}.br`, brotliCompressSync(content, quality));
  writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }));
}
