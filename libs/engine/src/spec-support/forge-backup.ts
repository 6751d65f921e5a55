import { manifestClose, manifestLine, MANIFEST_OPEN } from '@pawvault/archive';
import { FULL_SCOPE, type ManifestEntry } from '@pawvault/contracts';
import { extraField, type ForgedEntry, forgeZip, sha256Of } from '@pawvault/testing';

const MTIME = '2026-04-20T09:30:00.123456Z';

export interface ForgedBackup {
  id?: string;
  /** Content by entry name; a name with a trailing `/` is a directory. */
  entries: Record<string, string>;
  /** Targets of links by name. A link that is among `entries` as well has that content. */
  links?: Record<string, string>;
  /** The last word on each record, by path; null leaves it out. */
  change?: (record: ManifestEntry) => ManifestEntry | null;
  /** Further records. */
  more?: unknown[];
  /** Further zip entries that the manifest does not name. */
  unlisted?: ForgedEntry[];
}

/** An unsigned archive with a manifest, byte by byte, so that a spec can lie in any record. */
export function forgeBackup({ id = 'forged', entries, links = {}, ...lies }: ForgedBackup): Buffer {
  const records = recordsOf(entries, links)
    .map(lies.change ?? ((record) => record))
    .filter((record) => record !== null);
  const lines = [...records.map(manifestLine), ...(lies.more ?? []).map((record) => JSON.stringify(record))];
  const head = manifestClose({
    version: 1,
    backup_id: id,
    generator: 'spec',
    entry_count: lines.length,
    total_bytes: 0,
    agents: {},
    modules: {},
    omissions: [],
    exclusions: [],
  });
  const meta = { id, name: id, created_at: '2026-04-20T09:30:00Z', scope: FULL_SCOPE };
  return forgeZip([
    ...Object.entries(entries).map(([name, content]) => ({ name, content, extra: ENTRY_TIME })),
    ...(lies.unlisted ?? []),
    { name: 'manifest.json', content: `${MANIFEST_OPEN}${lines.join(',\n')}\n${head}` },
    { name: 'meta.json', content: JSON.stringify(meta) },
  ]);
}

/** The time of the records, as an extra field. */
export const ENTRY_TIME = extraField(0x5455, Buffer.from([1, 0, 0, 0, 0]));
ENTRY_TIME.writeInt32LE(Math.floor(Date.parse(MTIME) / 1000), 5);

function recordsOf(entries: Record<string, string>, links: Record<string, string>): ManifestEntry[] {
  const ofEntries = Object.entries(entries).map(([path, content]): ManifestEntry => {
    if (path.endsWith('/')) return { path, type: 'directory', size: 0, mode: 0o755, mtime: MTIME };
    const target = links[path];
    const type = target === undefined ? 'file' : 'symlink';
    const size = Buffer.byteLength(content);
    const facts = { path, type, size, mode: 0o644, mtime: MTIME, sha256: sha256Of(content) } as const;
    return target === undefined ? facts : { ...facts, target };
  });
  const alone = Object.entries(links).filter(([path]) => !Object.hasOwn(entries, path));
  return [...ofEntries, ...alone.map(([path, target]) => linkRecord(path, target))];
}

/** A link that stands in the manifest alone. */
export const linkRecord = (path: string, target: string): ManifestEntry => ({
  path,
  type: 'symlink',
  size: 0,
  mode: 0o777,
  mtime: MTIME,
  target,
});
