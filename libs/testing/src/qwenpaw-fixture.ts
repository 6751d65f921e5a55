import { join, resolve } from 'node:path';

const DIRECTORY = resolve(__dirname, '../fixtures/qwenpaw');

export const QWENPAW_FIXTURES = [
  'native-full.zip',
  'native-partial.zip',
  'native-trusted.zip',
  'legacy-unsigned.zip',
  'foreign-full.zip',
  'signing_key',
] as const;

export type QwenpawFixture = (typeof QWENPAW_FIXTURES)[number];

/** Absolute path of a file that QwenPaw itself wrote; see the README beside the files. To be copied, never changed. */
export const qwenpawFixture = (name: QwenpawFixture): string => join(DIRECTORY, name);
