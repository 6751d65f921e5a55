import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { FULL_SCOPE } from '@pawvault/contracts';
import { extraField, type ForgedEntry, forgeZip, qwenpawFixture, tempDir } from '@pawvault/testing';
import { openArchive } from './archive-reader';
import { DEFAULT_LIMITS } from './limits';
import { peekMeta, peekTrust } from './peek-meta';

const metaEntry = (id: string): ForgedEntry => ({
  name: 'meta.json',
  content: JSON.stringify({ id, name: 'n', created_at: '2026-04-20T09:30:00Z', scope: FULL_SCOPE }),
});
const MANIFEST: ForgedEntry = { name: 'manifest.json', content: '{}' };
const DATA: ForgedEntry = { name: 'data/config.json', content: '{}' };

function write(bytes: Buffer): string {
  const path = join(tempDir('peek'), 'a.zip');
  writeFileSync(path, bytes);
  return path;
}

describe('peekMeta', () => {
  it.each<[string, ForgedEntry[], boolean]>([
    ['last, behind a manifest', [DATA, MANIFEST, metaEntry('a')], true],
    ['last, without a manifest', [DATA, metaEntry('a')], false],
    ['first', [metaEntry('a'), DATA], false],
    ['first, with a comment', [{ ...metaEntry('a'), central: { comment: 'about me' } }, DATA], false],
    ['in the middle', [DATA, metaEntry('a'), { ...DATA, name: 'data/x' }], false],
    ['in the middle, with a manifest', [DATA, metaEntry('a'), MANIFEST, { ...DATA, name: 'data/x' }], true],
    ['alone', [metaEntry('a')], false],
    ['last, behind a file that is called alike', [{ ...DATA, name: 'data/meta.json' }, metaEntry('a')], false],
    [
      'first, before files that are called alike',
      [metaEntry('a'), { ...DATA, name: 'data/workspaces/a/meta.json' }],
      false,
    ],
    ['with an extra field', [DATA, { ...metaEntry('a'), extra: extraField(0x7875, Buffer.alloc(900)) }], false],
  ])('finds meta.json %s', async (_, entries, hasManifest) => {
    const peeked = await peekMeta(write(forgeZip(entries)), DEFAULT_LIMITS);
    expect(peeked).toMatchObject({ meta: { id: 'a' }, hasManifest });
  });

  it('reads what the archive itself says', async () => {
    const path = qwenpawFixture('native-full.zip');
    const reader = await openArchive(path, DEFAULT_LIMITS);
    const meta = await reader.meta(DEFAULT_LIMITS);
    await reader.close();
    await expect(peekMeta(path, DEFAULT_LIMITS)).resolves.toEqual({ meta, hasManifest: false });
  });

  it.each<[string, ForgedEntry[], string]>([
    ['has none', [DATA], 'ARCHIVE_META_MISSING'],
    ['has none but in data/', [{ ...metaEntry('a'), name: 'data/meta.json' }], 'ARCHIVE_META_MISSING'],
    ['has a damaged one', [DATA, { ...metaEntry('a'), crc32: 1 }], 'ARCHIVE_ENTRY_CRC_MISMATCH'],
    ['has a huge one', [DATA, { ...metaEntry('a'), content: ' '.repeat(2 << 20) }], 'ARCHIVE_LIMIT_EXCEEDED'],
    ['has one that is no JSON', [DATA, { name: 'meta.json', content: 'no' }], 'ARCHIVE_META_INVALID'],
  ])('refuses an archive that %s', async (_, entries, code) => {
    await expect(peekMeta(write(forgeZip(entries)), DEFAULT_LIMITS)).rejects.toMatchObject({
      name: 'DomainError',
      code,
    });
  });
});

describe('an archive that shows one face to a listing and another to a reader', () => {
  /** The record of an innocent meta.json, hidden in a comment or extra field at the end of the directory; it lies in the content of an entry. */
  function twoFaced(hide: (records: Buffer) => Partial<ForgedEntry>): Buffer {
    const innocent = metaEntry('innocent');
    const alone = forgeZip([innocent]);
    const directory = alone.indexOf('PK\x01\x02');
    const content = alone.subarray(0, directory);
    const evil = metaEntry('evil');
    const offset = forgeZip([evil]).indexOf('PK\x01\x02') + 30 + Buffer.byteLength(DATA.name);
    const hidden = forgeZip([{ ...innocent, central: { offset } }]).subarray(directory, -22);
    return forgeZip([evil, { ...DATA, content, ...hide(hidden) }]);
  }

  it.each<[string, (records: Buffer) => Partial<ForgedEntry>]>([
    ['in a comment', (records) => ({ central: { comment: records } })],
    ['in an extra field', (records) => ({ central: { extra: extraField(0xcafe, records) } })],
  ])('%s is refused by both', async (_, hide) => {
    const path = write(twoFaced(hide));
    const refusal = { code: 'ARCHIVE_DIRECTORY_AMBIGUOUS' };
    await expect(peekMeta(path, DEFAULT_LIMITS)).rejects.toMatchObject(refusal);
    await expect(openArchive(path, DEFAULT_LIMITS)).rejects.toMatchObject(refusal);
    await expect(peekTrust(path, DEFAULT_LIMITS, Buffer.alloc(32))).rejects.toMatchObject(refusal);
  });

  it('is told from one whose records only look strange', async () => {
    const hidden = forgeZip([metaEntry('hidden'), MANIFEST]).subarray(0, -22);
    const sound: ForgedEntry[] = [
      { ...DATA, central: { comment: hidden } },
      ...Array.from({ length: 30 }, (_, i): ForgedEntry => ({
        name: `data/secrets/${i}`,
        central: { comment: Buffer.alloc(60_000) },
      })),
    ];
    const unsigned = peekTrust(write(forgeZip([...sound, MANIFEST, metaEntry('a')])), DEFAULT_LIMITS, Buffer.alloc(32));
    await expect(unsigned).resolves.toBe('unsigned');
    await expect(peekTrust(write(forgeZip([metaEntry('a'), ...sound])), DEFAULT_LIMITS, null)).resolves.toBe(
      'unsigned',
    );
    const among = peekTrust(write(forgeZip([MANIFEST, metaEntry('a'), ...sound])), DEFAULT_LIMITS, null);
    await expect(among).resolves.toBe('unsigned');
  });

  /** More than a look at the edges reads. */
  const MANY = Array.from({ length: 4000 }, (_, i): ForgedEntry => ({
    name: `data/secrets/${`${i}`.padStart(80, '-')}`,
  }));

  /** A record whose comment and extra field reach as far as they can, hiding records at their end. */
  function farReaching(): Buffer {
    const hidden = forgeZip([metaEntry('innocent')]).subarray(
      forgeZip([metaEntry('innocent')]).indexOf('PK\x01\x02'),
      -22,
    );
    const central = {
      extra: extraField(0xcafe, Buffer.alloc(65_531)),
      comment: Buffer.concat([Buffer.alloc(65_535 - hidden.length), hidden]),
    };
    return forgeZip([metaEntry('evil'), ...MANY, { ...DATA, central }]);
  }

  const bare: ForgedEntry[] = [metaEntry('a'), DATA];
  const unicodePath = (raw: string, name: string): Buffer => {
    const facts = Buffer.alloc(5);
    facts.writeUInt8(1, 0);
    facts.writeUInt32LE(crc32(Buffer.from(raw)), 1);
    return extraField(0x7075, Buffer.concat([facts, Buffer.from(name)]));
  };
  const disguised = { ...metaEntry('evil'), name: 'data/x', flags: 0, extra: unicodePath('data/x', 'meta.json') };

  it.each<[string, string, () => Buffer]>([
    ['hides records in a comment of a large directory', 'ARCHIVE_DIRECTORY_AMBIGUOUS', farReaching],
    ['has two, first and last', 'ARCHIVE_NAME_DUPLICATE', () => forgeZip([metaEntry('evil'), DATA, metaEntry('a')])],
    [
      'has two, first and last among many',
      'ARCHIVE_NAME_DUPLICATE',
      () => forgeZip([metaEntry('evil'), ...MANY, metaEntry('a')]),
    ],
    ['has two side by side', 'ARCHIVE_NAME_DUPLICATE', () => forgeZip([DATA, metaEntry('evil'), metaEntry('a')])],
    [
      'has two in the middle',
      'ARCHIVE_NAME_DUPLICATE',
      () =>
        forgeZip([
          DATA,
          metaEntry('evil'),
          ...MANY,
          metaEntry('a'),
          ...MANY.map((each) => ({ ...each, name: `${String(each.name)}x` })),
        ]),
    ],
    ['has two, one under another field', 'ARCHIVE_NAME_DUPLICATE', () => forgeZip([DATA, disguised, metaEntry('a')])],
    ['has two manifests', 'ARCHIVE_NAME_DUPLICATE', () => forgeZip([MANIFEST, DATA, MANIFEST, metaEntry('a')])],
    ['has a script in front', 'ARCHIVE_FOREIGN_BYTES', () => forgeZip(bare, { front: Buffer.from('#!/bin/sh\n') })],
    ['has another zip in front', 'ARCHIVE_FOREIGN_BYTES', () => forgeZip(bare, { front: forgeZip(bare) })],
    [
      'has a script in front, and many entries',
      'ARCHIVE_FOREIGN_BYTES',
      () => forgeZip([...MANY, ...bare], { front: Buffer.from('#!/bin/sh\n') }),
    ],
    ['has two ends', 'ARCHIVE_DIRECTORY_INVALID', () => Buffer.concat([forgeZip([metaEntry('evil')]), forgeZip(bare)])],
    [
      'has an end in the comment of another',
      'ARCHIVE_DIRECTORY_AMBIGUOUS',
      () => forgeZip(bare, { end: { comment: forgeZip([metaEntry('evil')]) } }),
    ],
    [
      'has two directories',
      'ARCHIVE_DIRECTORY_INVALID',
      () => forgeZip(bare, { behindDirectory: forgeZip(bare).subarray(forgeZip(bare).indexOf('PK\x01\x02'), -22) }),
    ],
    ['counts other records than there are', 'ARCHIVE_DIRECTORY_INVALID', () => forgeZip(bare, { end: { count: 1 } })],
    [
      'has another name in the local header',
      'ARCHIVE_HEADER_MISMATCH',
      () => forgeZip([DATA, { ...metaEntry('a'), local: { name: 'data/meta' } }]),
    ],
    [
      'has another size in the local header',
      'ARCHIVE_HEADER_MISMATCH',
      () => forgeZip([DATA, { ...metaEntry('a'), local: { size: 3 } }]),
    ],
  ])('is refused by both when it %s', async (_, code, forge) => {
    const path = write(forge());
    await expect(peekMeta(path, DEFAULT_LIMITS)).rejects.toMatchObject({ code });
    const whole = async (): Promise<void> => {
      const reader = await openArchive(path, DEFAULT_LIMITS);
      await reader.meta(DEFAULT_LIMITS).finally(() => reader.close());
    };
    await expect(whole()).rejects.toMatchObject({ name: 'DomainError' });
  });

  it('is not seen by a listing alone where a second meta.json lies in the middle of a large directory', async () => {
    const path = write(forgeZip([DATA, metaEntry('evil'), ...MANY, metaEntry('a')]));
    expect((await peekMeta(path, DEFAULT_LIMITS)).meta.id).toBe('a');
    const refusal = { code: 'ARCHIVE_NAME_DUPLICATE', details: { entry: 'meta.json' } };
    await expect(openArchive(path, DEFAULT_LIMITS)).rejects.toMatchObject(refusal);
    await expect(peekTrust(path, DEFAULT_LIMITS, null)).rejects.toMatchObject(refusal);
  });

  it('is told from a large one that is only strange', async () => {
    const lookalike = {
      ...DATA,
      central: { comment: Buffer.concat([Buffer.from('PK\x01\x02'), Buffer.alloc(100, 0xff)]) },
    };
    await expect(
      peekMeta(write(forgeZip([...MANY, lookalike, metaEntry('a')])), DEFAULT_LIMITS),
    ).resolves.toMatchObject({
      meta: { id: 'a' },
    });
  });
});
