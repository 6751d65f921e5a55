import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { type ArchiveReader, DEFAULT_LIMITS, manifestEntries, openArchive, readManifestHead } from '@pawvault/archive';
import type { ManifestEntry, ManifestHead } from '@pawvault/contracts';

/** An archive read whole, for assertions. */
export interface ArchiveView {
  names: string[];
  manifest: Map<string, ManifestEntry>;
  head: ManifestHead;
  content(name: string): Buffer;
}

/** Reads everything that the strict reader proves; an archive that is not sound throws. */
export async function viewArchive(path: string): Promise<ArchiveView> {
  const reader = await openArchive(path, DEFAULT_LIMITS);
  try {
    const contents = await readContents(reader);
    const manifest = new Map<string, ManifestEntry>();
    for await (const entry of manifestEntries(reader)) manifest.set(entry.path, entry);
    const head = await readManifestHead(reader);
    if (head === null) throw new Error('The archive has no manifest');
    const names = reader.entries.map(({ name }) => name);
    return { names, manifest, head, content: (name) => contents.get(name) ?? missing(name) };
  } finally {
    await reader.close();
  }
}

async function readContents(reader: ArchiveReader): Promise<Map<string, Buffer>> {
  const contents = new Map<string, Buffer>();
  for (const entry of reader.entries) contents.set(entry.name, await reader.read(entry, 2 ** 30));
  return contents;
}

function missing(name: string): never {
  throw new Error(`No entry ${name}`);
}

/** Proves the archive with other people's programs. @throws with their output when one of them complains */
export function proveByOtherTools(path: string): void {
  execFileSync('unzip', ['-tqq', path], { stdio: 'pipe' });
  execFileSync('7z', ['t', '-bso0', path], { stdio: 'pipe' });
  const script = 'import sys, zipfile; bad = zipfile.ZipFile(sys.argv[1]).testzip(); sys.exit(bad and f"bad: {bad}")';
  execFileSync('python3', ['-c', script, path], { stdio: 'pipe' });
}

/** Unpacks with Info-ZIP, in UTC because zip times without a zone are written as UTC, and with control characters in names (`-^`). */
export function unpackWithUnzip(path: string, target: string): void {
  mkdirSync(target, { recursive: true });
  execFileSync('unzip', ['-qq', '-K', '-^', '-o', path, '-d', target], {
    stdio: 'pipe',
    env: { ...process.env, TZ: 'UTC', LC_ALL: 'C.UTF-8' },
  });
}

/** Microseconds since 1970 of a time in the manifest; JavaScript's own parser drops all but three digits. */
export function microsOf(mtime: string): bigint {
  const [, seconds = '', micros = ''] = /^(.+)\.(\d{6})Z$/.exec(mtime) ?? [];
  return BigInt(Date.parse(`${seconds}Z`)) * 1000n + BigInt(micros);
}
