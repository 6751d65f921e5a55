// One preset for every project: real files, real processes, no sleeping; swc because type checks are a step of their own.
const { resolve } = require('node:path');

module.exports = {
  testEnvironment: 'node',
  testMatch: ['**/*.spec.ts'],
  moduleFileExtensions: ['ts', 'js', 'json'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
          target: 'es2022',
        },
        module: { type: 'commonjs' },
      },
    ],
  },
  moduleNameMapper: { '^@pawvault/([^/]+)$': resolve(__dirname, 'libs/$1/src/index.ts') },
  testTimeout: 30_000,
};
