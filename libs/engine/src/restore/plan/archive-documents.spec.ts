import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ArchiveReader, DEFAULT_LIMITS, openArchive } from '@pawvault/archive';
import { FULL_SCOPE } from '@pawvault/contracts';
import { forgeZip, tempDir } from '@pawvault/testing';
import { readArchivedConfig } from './archive-documents';

async function withConfig<T>(content: string | Buffer, act: (reader: ArchiveReader) => Promise<T>): Promise<T> {
  const path = join(tempDir('documents'), 'a.zip');
  const meta = JSON.stringify({ id: 'a', name: 'n', created_at: '2026-04-20T09:30:00Z', scope: FULL_SCOPE });
  const config = { name: 'data/config.json', content, method: 8 };
  writeFileSync(path, forgeZip([config, { name: 'meta.json', content: meta }]));
  const reader = await openArchive(path, DEFAULT_LIMITS);
  try {
    return await act(reader);
  } finally {
    await reader.close();
  }
}

it('reads a config.json of megabytes', async () => {
  const text = JSON.stringify({ agents: {}, note: 'x'.repeat(3 << 20) });
  const document = await withConfig(text, (reader) => readArchivedConfig(reader, 'required'));
  expect(document?.root.has('agents')).toBe(true);
});

it.each<[string, string | Buffer]>([
  ['is no JSON', '{"agents": '],
  ['is no object', '[]'],
  ['is no UTF-8', Buffer.from('{"a":"\xff"}', 'latin1')],
  ['is nested without end', `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
  ['would take a hundred times its size to parse', `{"a":[${'{},'.repeat(2 << 20)}{}]}`],
])('refuses a config.json that %s when it is what is restored', async (_, content) => {
  await withConfig(content, async (reader) => {
    const refusal = { code: 'BACKUP_INVALID', details: { entry: 'data/config.json' } };
    await expect(readArchivedConfig(reader, 'required')).rejects.toMatchObject(refusal);
    await expect(readArchivedConfig(reader, 'optional')).resolves.toBeNull();
  });
});
