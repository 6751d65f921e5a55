import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { META_NAME } from '@pawvault/contracts';
import { openArchive } from './archive-reader';
import { DEFAULT_LIMITS } from './limits';
import { peekMeta } from './peek-meta';
import { archiveSignature, entryFeedHead, entryFeedTail, startArchiveSignature } from './signature';
import { loadSigningKey } from './signing-key';

const FIXTURES = join(__dirname, '../../testing/fixtures/qwenpaw');

/** The definition of the scheme, entry by entry: the reference that faster code is held against. */
async function signatureOf(path: string, key: Buffer): Promise<string> {
  const reader = await openArchive(path, DEFAULT_LIMITS);
  try {
    const meta = await reader.meta(DEFAULT_LIMITS);
    const hmac = startArchiveSignature(key, meta.canonical);
    for (const entry of reader.entries) {
      if (entry.type === 'directory' || entry.name === META_NAME) continue;
      hmac.update(...entryFeedHead(Buffer.from(entry.name)));
      hmac.update(await reader.read(entry, 1 << 20));
      hmac.update(entryFeedTail(entry.size));
    }
    return archiveSignature(hmac);
  } finally {
    await reader.close();
  }
}

describe("archives made by QwenPaw's own code", () => {
  let directory: string;
  let key: Buffer;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'pawvault-key-'));
    cpSync(join(FIXTURES, 'signing_key'), join(directory, '.signing_key'));
    key = (await loadSigningKey(directory)) as Buffer;
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  it.each(['native-full.zip', 'native-partial.zip', 'native-trusted.zip'])(
    '%s carries the signature that we compute',
    async (name) => {
      const path = join(FIXTURES, name);
      const { meta } = await peekMeta(path, DEFAULT_LIMITS);
      expect(await signatureOf(path, key)).toBe(meta.signature);
    },
  );

  it('foreign-full.zip was signed with another key', async () => {
    const { meta } = await peekMeta(join(FIXTURES, 'foreign-full.zip'), DEFAULT_LIMITS);
    expect(meta.signature).toMatch(/^hmac-sha256-v1:[0-9a-f]{64}$/);
    expect(await signatureOf(join(FIXTURES, 'foreign-full.zip'), key)).not.toBe(meta.signature);
  });

  it('legacy-unsigned.zip has a UUID and no signature', async () => {
    const { meta, hasManifest } = await peekMeta(join(FIXTURES, 'legacy-unsigned.zip'), DEFAULT_LIMITS);
    expect(meta).toMatchObject({ signature: null, accepted_via_trust: null });
    expect(meta.id).toMatch(/^[0-9a-f-]{36}$/);
    expect(hasManifest).toBe(false);
  });
});
