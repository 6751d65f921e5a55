import nx from '@nx/eslint-plugin';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';
import { codeConstraints, specConstraints } from './tools/boundaries.mjs';

const specs = ['**/*.spec.ts', '**/spec-support/**/*.ts'];
const looseCode = [...specs, 'apps/e2e/**/*.ts', 'bench/**/*.ts'];

const boundaries = (depConstraints) => ({
  '@nx/enforce-module-boundaries': [
    'error',
    // The rule does not know optional dependencies.
    { depConstraints, banTransitiveDependencies: true, enforceBuildableLibDependency: false, allow: ['libsql'] },
  ],
});

export default defineConfig(
  {
    ignores: ['**/dist', '**/node_modules', '.nx', '**/*.js', '**/*.mjs', '**/*.cjs', 'apps/console/src/api/schema.ts'],
  },
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.recommendedTypeChecked],
    plugins: { '@nx': nx },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      ...boundaries(codeConstraints),
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/return-await': ['error', 'error-handling-correctness-only'],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      eqeqeq: 'error',
      'no-console': 'error',
      'no-control-regex': 'error',
      'prefer-const': 'error',
      'max-lines': ['error', { max: 300, skipBlankLines: false, skipComments: false }],
      'max-lines-per-function': ['error', { max: 50, skipBlankLines: true, skipComments: true }],
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'Named exports only.' },
        { selector: 'TSEnumDeclaration', message: 'Use a union of literals.' },
        {
          selector: 'ImportDeclaration[source.value=/^node:fs/] > ImportNamespaceSpecifier',
          message: 'Import functions by name, so that tests can make them fail.',
        },
      ],
    },
  },
  {
    // Nest reads the types of constructor parameters at run time, so their imports must stay values.
    files: ['apps/gateway/**/*.ts', 'apps/worker/**/*.ts'],
    rules: {
      '@typescript-eslint/consistent-type-imports': 'off',
      // A Nest module is a class without members.
      '@typescript-eslint/no-extraneous-class': 'off',
    },
  },
  {
    files: ['libs/contracts/src/**/*.ts'],
    ignores: specs,
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ regex: '^(?!\\./)', message: 'The contracts import nothing.' }] },
      ],
      'no-restricted-globals': [
        'error',
        'Buffer',
        'process',
        'require',
        '__dirname',
        '__filename',
        'global',
        'setImmediate',
      ],
    },
  },
  {
    // Runs in a browser.
    files: ['apps/console/src/**/*.ts', 'apps/console/src/**/*.tsx'],
    ignores: specs,
    rules: {
      'no-restricted-imports': ['error', { patterns: [{ regex: '^node:', message: 'Browsers have no Node.' }] }],
      'no-restricted-globals': ['error', 'Buffer', 'process', 'require', '__dirname', '__filename', 'global'],
    },
  },
  {
    files: looseCode,
    rules: { 'max-lines': 'off', 'max-lines-per-function': 'off' },
  },
  {
    files: specs,
    rules: {
      ...boundaries(specConstraints),
      // Specs keep the originals of methods that they replace.
      '@typescript-eslint/unbound-method': 'off',
      'no-restricted-properties': [
        'error',
        ...['describe', 'it', 'test'].flatMap((object) => [
          { object, property: 'only', message: 'It would silence all other tests.' },
          { object, property: 'skip', message: 'A test is repaired or removed.' },
        ]),
      ],
      // jest and supertest answer with `any`.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
  {
    // What these print is what they are for.
    files: ['apps/demo/**/*.ts', 'apps/standalone/**/*.ts', 'bench/**/*.ts'],
    rules: { 'no-console': 'off' },
  },
);
