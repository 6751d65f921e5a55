import { resolve } from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const ROOT = resolve(import.meta.dirname, '../..');

/** `npx vite apps/console` serves the sources with a gateway behind it, wherever PAWVAULT_URL says that it listens. */
export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  resolve: { alias: { '@pawvault/contracts': resolve(ROOT, 'libs/contracts/src/index.ts') } },
  build: {
    outDir: resolve(ROOT, 'dist/apps/console'),
    emptyOutDir: true,
    target: 'es2022',
    // Everything that a page names is a file of its own: its policy allows no script or font from a data: address.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // One script of all but the languages: what is asked for together is compressed together. A test watches its size.
    chunkSizeWarningLimit: 1200,
  },
  server: { host: '127.0.0.1', proxy: { '/api': process.env.PAWVAULT_URL ?? 'http://127.0.0.1:8210' } },
});
