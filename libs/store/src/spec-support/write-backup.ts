import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import {
  archiveSignature,
  encodeCentralRecord,
  encodeLocalHeader,
  encodeMeta,
  entryFeedHead,
  entryFeedTail,
  MANIFEST_OPEN,
  manifestClose,
  manifestLine,
  manifestSignature,
  parseMeta,
  S_IFDIR,
  S_IFREG,
  startArchiveSignature,
  startManifestSignature,
  STORE,
} from '@pawvault/archive';
import {
  type BackupMeta,
  compareCodePoints,
  FULL_SCOPE,
  type ManifestEntry,
  type ManifestHead,
} from '@pawvault/contracts';
import { sha256Of } from '@pawvault/testing';

export const MTIME_MS = Date.UTC(2026, 3, 20, 9, 30);
const MTIME = '2026-04-20T09:30:00.123456Z';

/** Content by entry name; a name with a trailing `/` is a directory. */
export type Entries = Record<string, string>;

export interface BackupOptions {
  id: string;
  fileName?: string;
  createdAt?: string;
  entries?: Entries;
  /** Targets of links by name, for the manifest. A link that is among `entries` as well has that content. */
  links?: Record<string, string>;
  /** Signs with this key; without one the archive is unsigned. */
  key?: Buffer;
  manifest?: boolean;
  meta?: Partial<BackupMeta>;
}

/** A zip of stored entries with meta.json last, as PawVault orders it. */
export function zipOf(entries: [name: string, content: Buffer][]): Buffer {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of entries) {
    const unixMode = name.endsWith('/') ? S_IFDIR | 0o755 : S_IFREG | 0o640;
    const sizes = { size: content.length, compressedSize: content.length, crc32: crc32(content) };
    const header = { name: Buffer.from(name), method: STORE, unixMode, mtimeMs: MTIME_MS, ...sizes } as const;
    const local = encodeLocalHeader(header, { zip64: false });
    central.push(encodeCentralRecord(header, { zip64: false, offset }));
    locals.push(local, content);
    offset += local.length + content.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, directory, end]);
}

/** Writes a small but complete backup. @returns its path */
export function writeBackup(directory: string, options: BackupOptions): string {
  const content: [string, Buffer][] = Object.entries(options.entries ?? { 'data/config.json': '{}' })
    .map(([name, text]): [string, Buffer] => [name, Buffer.from(text)])
    .sort(([a], [b]) => compareCodePoints(a, b));
  const manifest = options.manifest === false ? null : manifestOf(options, content);
  const meta = signedMeta(options, { content, manifest });
  const path = join(directory, options.fileName ?? `${options.id}.zip`);
  const tail: [string, Buffer][] = [
    ...(manifest === null ? [] : [['manifest.json', manifest] as [string, Buffer]]),
    ['meta.json', meta],
  ];
  writeFileSync(path, zipOf([...content, ...tail]));
  return path;
}

function recordsOf(content: [string, Buffer][], links: Record<string, string>): ManifestEntry[] {
  const records = content.map(([path, bytes]): ManifestEntry => {
    if (path.endsWith('/')) return { path, type: 'directory', size: 0, mode: 0o755, mtime: MTIME };
    const file = { path, size: bytes.length, mode: 0o640, mtime: MTIME, sha256: sha256Of(bytes) };
    const target = links[path];
    return target === undefined ? { ...file, type: 'file' } : { ...file, type: 'symlink', target };
  });
  const isAlone = (path: string): boolean => !content.some(([name]) => name === path);
  const alone = Object.entries(links).filter(([path]) => isAlone(path));
  const link = { type: 'symlink', size: 0, mode: 0o777, mtime: MTIME } as const;
  return [...records, ...alone.map(([path, target]) => ({ path, ...link, target }))].sort((a, b) =>
    compareCodePoints(a.path, b.path),
  );
}

function manifestOf({ id, links = {} }: BackupOptions, content: [string, Buffer][]): Buffer {
  const entries = recordsOf(content, links);
  const head: ManifestHead = {
    version: 1,
    backup_id: id,
    generator: 'spec',
    entry_count: entries.length,
    total_bytes: content.reduce((sum, [, bytes]) => sum + bytes.length, 0),
    agents: { default: { name: 'Mina', files: 2, bytes: 12 } },
    modules: { global_config: { files: 1, bytes: 2 } },
    omissions: [{ path: 'data/workspaces/gone/', reason: 'missing_workspace' }],
    exclusions: [{ rule: '*.lock', files: 1, bytes: 3 }],
  };
  return Buffer.from(`${MANIFEST_OPEN}${entries.map(manifestLine).join(',\n')}\n${manifestClose(head)}`);
}

function signedMeta(options: BackupOptions, signed: { content: [string, Buffer][]; manifest: Buffer | null }): Buffer {
  const meta: BackupMeta = {
    id: options.id,
    name: `Backup ${options.id}`,
    description: '',
    created_at: options.createdAt ?? '2026-04-20T09:30:00Z',
    version: '1',
    scope: { ...FULL_SCOPE },
    agent_count: 1,
    qwenpaw_version: '1.1.9',
    system_info: { os: 'Linux' },
    accepted_via_trust: null,
    ...options.meta,
  };
  const { key } = options;
  if (key === undefined) return encodeMeta(meta, null);
  const draft = { ...meta, accepted_via_trust: meta.accepted_via_trust ?? false };
  const { canonical } = parseMeta(encodeMeta(draft, null));
  const archive = startArchiveSignature(key, canonical);
  const files = [
    ...signed.content,
    ...(signed.manifest === null ? [] : [['manifest.json', signed.manifest] as [string, Buffer]]),
  ];
  for (const [name, bytes] of files.filter(([entry]) => !entry.endsWith('/'))) {
    archive
      .update(...entryFeedHead(Buffer.from(name)))
      .update(bytes)
      .update(entryFeedTail(bytes.length));
  }
  const manifest = startManifestSignature(key, canonical).update(signed.manifest ?? Buffer.alloc(0));
  const signatures = { signature: archiveSignature(archive), manifest_signature: manifestSignature(manifest) };
  if (signed.manifest !== null) return encodeMeta(draft, signatures);
  return encodeMeta(draft, { signature: signatures.signature } as typeof signatures);
}
