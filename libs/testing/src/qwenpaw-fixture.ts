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

/** Valid archives with file names that Linux allows and Windows does not: `telegram:42.json`, `C:\Users\…`. */
export const ODDLY_NAMED_FIXTURES = ['names-colon.zip', 'names-windows-path.zip'] as const;

export type QwenpawFixture = (typeof QWENPAW_FIXTURES)[number] | (typeof ODDLY_NAMED_FIXTURES)[number];

/** Absolute path of a file that QwenPaw itself wrote; see the README beside the files. To be copied, never changed. */
export const qwenpawFixture = (name: QwenpawFixture): string => join(DIRECTORY, name);

/**
 * Absolute path of a full backup that PawVault 0.1.0 wrote, with links as zip entries of symlink type, as only early versions wrote them; see the
 * README beside the file. Signed with the key of {@link qwenpawFixture} `signing_key`. To be copied, never changed.
 */
export const LINK_ENTRIES_FIXTURE = resolve(__dirname, '../fixtures/pawvault/link-entries.zip');
