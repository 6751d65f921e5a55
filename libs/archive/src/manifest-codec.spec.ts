import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FULL_SCOPE, MANIFEST_VERSION, type ManifestHead } from '@pawvault/contracts';
import { forgeZip, tempDir } from '@pawvault/testing';
import { openArchive } from './archive-reader';
import { DEFAULT_LIMITS } from './limits';
import { MANIFEST_OPEN, manifestClose, manifestLine, manifestLines, readManifestHead } from './manifest-codec';

const META = JSON.stringify({ id: 'a', name: 'n', created_at: '2026-04-20T09:30:00Z', scope: FULL_SCOPE });
const HEAD: ManifestHead = {
  version: MANIFEST_VERSION,
  backup_id: 'a',
  generator: 'spec',
  entry_count: 1,
  total_bytes: 1,
  agents: {},
  modules: {},
  omissions: [],
  exclusions: [],
};
const ENTRY = { path: 'data/', type: 'directory' as const, size: 0, mode: 0o700, mtime: '2026-04-20T09:30:00.000000Z' };

/** What is read of a manifest: paths, then `head`. */
async function read(text: string): Promise<string[]> {
  const path = join(tempDir('manifest'), 'a.zip');
  const method = 8;
  const entries = [
    { name: 'manifest.json', content: text, method },
    { name: 'meta.json', content: META },
  ];
  writeFileSync(path, forgeZip(entries));
  const reader = await openArchive(path, DEFAULT_LIMITS);
  try {
    const seen: string[] = [];
    for await (const line of manifestLines(reader)) seen.push(line.kind === 'entry' ? line.entry.path : 'head');
    expect(await readManifestHead(reader)).not.toBeNull();
    return seen;
  } finally {
    await reader.close();
  }
}

const omissions = (count: number, length: number): ManifestHead => ({
  ...HEAD,
  omissions: Array.from({ length: count }, () => ({ path: 'x'.repeat(length), reason: 'unreadable' as const })),
});

describe('a manifest', () => {
  it('is read line by line', async () => {
    const text = `${MANIFEST_OPEN}${manifestLine(ENTRY)},\n${manifestLine({ ...ENTRY, path: 'data/x/' })}\n`;
    await expect(read(text + manifestClose(HEAD))).resolves.toEqual(['data/', 'data/x/', 'head']);
    await expect(read(MANIFEST_OPEN + manifestClose(HEAD))).resolves.toEqual(['head']);
  });

  it('may name a hundred thousand omissions', async () => {
    await expect(read(MANIFEST_OPEN + manifestClose(omissions(100_000, 100)))).resolves.toEqual(['head']);
  });

  it('is not written when nobody could read it', () => {
    const refusal = expect.objectContaining({ code: 'ARCHIVE_LIMIT_EXCEEDED' }) as Error;
    expect(() => manifestClose(omissions(20_000, 4_000))).toThrow(refusal);
  });

  it.each([
    ['is empty', ''],
    ['is other JSON', '{"entries":[],"head":{}}\n'],
    ['ends early', `${MANIFEST_OPEN}${manifestLine(ENTRY)}\n`],
    ['goes on behind its head', `${MANIFEST_OPEN}${manifestClose(HEAD)}more`],
    ['has a record that is none', `${MANIFEST_OPEN}{"path":"data/"}\n${manifestClose(HEAD)}`],
    ['has a record that is no JSON', `${MANIFEST_OPEN}{\n${manifestClose(HEAD)}`],
    [
      'has a file without a hash',
      `${MANIFEST_OPEN}${JSON.stringify({ ...ENTRY, type: 'file' })}\n${manifestClose(HEAD)}`,
    ],
    ['has a head of another version', `${MANIFEST_OPEN}],"head":${JSON.stringify({ ...HEAD, version: 2 })}}\n`],
    ['has a head without omissions', `${MANIFEST_OPEN}],"head":${JSON.stringify({ ...HEAD, omissions: 7 })}}\n`],
    ['has a head that is nothing', `${MANIFEST_OPEN}],"head":null}\n`],
    ['has a record longer than any can be', `${MANIFEST_OPEN}"${'x'.repeat(2 << 20)}"\n${manifestClose(HEAD)}`],
    [
      'lists far more than there is',
      `${MANIFEST_OPEN}${`${manifestLine(ENTRY)},\n`.repeat(11_000)}${manifestClose(HEAD)}`,
    ],
  ])('that %s is refused', async (_, text) => {
    const refusal = { code: 'ARCHIVE_MANIFEST_INVALID', details: { entry: 'manifest.json' } };
    await expect(read(text)).rejects.toMatchObject(refusal);
  });
});
