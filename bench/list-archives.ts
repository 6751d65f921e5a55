import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import {
  type EncodedBatch,
  encodeCentralRecord,
  encodeLocalHeader,
  encodeMeta,
  S_IFDIR,
  S_IFREG,
  STORE,
  ZipWriter,
} from '@pawvault/archive';
import { FULL_SCOPE, formatBackupId } from '@pawvault/contracts';

const START = Date.UTC(2026, 0, 1);
const HOUR_MS = 3_600_000;

/** Archives of many entries that cost little to write: all but the metadata are directories. @returns bytes of one */
export async function writeArchives(directory: string, archives: number, entries: number): Promise<number> {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const content = batchOf(Array.from({ length: entries }, (_, i) => [`data/workspaces/a/${i}/`, Buffer.alloc(0)]));
  let size = 0;
  for (let index = 0; index < archives; index++) {
    const at = new Date(START + index * HOUR_MS);
    const id = formatBackupId('1.1.9', at, index.toString(16).padStart(8, '0'));
    const writer = await ZipWriter.create(join(directory, `${id}.zip`));
    await writer.appendBatch(content);
    await writer.appendBatch(
      batchOf([
        ['manifest.json', Buffer.from('{}')],
        ['meta.json', metaOf(id, at)],
      ]),
    );
    size = await writer.finish();
  }
  return size;
}

function metaOf(id: string, at: Date): Buffer {
  return encodeMeta(
    {
      id,
      name: `Backup of ${at.toDateString()}`,
      description: '',
      created_at: at.toISOString(),
      version: '1',
      scope: { ...FULL_SCOPE },
      agent_count: 1,
      qwenpaw_version: '1.1.9',
      system_info: { os: 'Linux' },
      accepted_via_trust: null,
    },
    null,
  );
}

/** Stored entries as a writer takes them; a name with a trailing `/` is a directory. */
function batchOf(entries: [name: string, content: Buffer][]): EncodedBatch {
  const parts: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of entries) {
    const unixMode = name.endsWith('/') ? S_IFDIR | 0o755 : S_IFREG | 0o640;
    const sizes = { size: content.length, compressedSize: content.length, crc32: crc32(content) };
    const header = { name: Buffer.from(name), method: STORE, unixMode, mtimeMs: START, ...sizes } as const;
    const local = encodeLocalHeader(header, { zip64: false });
    central.push(encodeCentralRecord(header, { zip64: false, offset }));
    parts.push(local, content);
    offset += local.length + content.length;
  }
  return { bytes: Buffer.concat(parts), central: Buffer.concat(central), count: entries.length };
}
