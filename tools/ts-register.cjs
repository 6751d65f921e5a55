// Lets specs start a real child process from TypeScript: node -r <this file> program.ts
// The same compiler and the same aliases as in jest.preset.js.
const { transformSync } = require('@swc/core');
const { readFileSync } = require('node:fs');
const Module = require('node:module');
const { resolve } = require('node:path');
const preset = require('../jest.preset.js');

const [, options] = Object.values(preset.transform)[0];
const ALIAS = /^@pawvault\/([^/]+)$/;
const resolveFilename = Module._resolveFilename;

Module._resolveFilename = function (request, ...rest) {
  const alias = ALIAS.exec(request);
  const target = alias ? resolve(__dirname, '../libs', alias[1], 'src/index.ts') : request;
  return resolveFilename.call(this, target, ...rest);
};

require.extensions['.ts'] = (module, filename) => {
  const { code } = transformSync(readFileSync(filename, 'utf8'), {
    ...options,
    filename,
    swcrc: false,
    sourceMaps: 'inline',
  });
  module._compile(code, filename);
};
