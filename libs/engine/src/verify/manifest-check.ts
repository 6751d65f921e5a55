import { type ArchiveReader, manifestLines, type ZipEntry } from '@pawvault/archive';
import { DomainError, MANIFEST_NAME, type ManifestEntry, META_NAME, type VerifyProblem } from '@pawvault/contracts';

export interface ManifestCheck {
  state: 'ok' | 'absent' | 'damaged';
  /** What the manifest says of each entry, by name. */
  facts: ReadonlyMap<string, ManifestFacts>;
}

export interface ManifestFacts {
  /** null for directories. */
  sha256: Buffer | null;
  mode: number;
  mtimeMs: number;
}

/**
 * Holds the manifest against the directory of the archive: every entry listed once, with the same type, size and mode, and nothing listed
 * that is not there.
 */
export async function checkManifest(
  reader: ArchiveReader,
  onProblem: (problem: VerifyProblem) => void,
): Promise<ManifestCheck> {
  if (reader.get(MANIFEST_NAME) === undefined) return { state: 'absent', facts: new Map() };
  const facts = new Map<string, ManifestFacts>();
  const listed = new Set<string>();
  let sound = true;
  const complain = (code: VerifyProblem['code'], path: string | null, message: string): void => {
    sound = false;
    onProblem({ code, path, message });
  };
  try {
    for await (const line of manifestLines(reader)) {
      if (line.kind === 'head') {
        if (line.head.entry_count !== listed.size)
          complain('ARCHIVE_MANIFEST_INVALID', MANIFEST_NAME, 'the manifest counts other entries than it lists');
        continue;
      }
      const { entry } = line;
      const problem = compare(entry, reader.get(entry.path), listed);
      if (problem !== null) complain(problem.code, entry.path, problem.message);
      listed.add(entry.path);
      facts.set(entry.path, factsOf(entry));
    }
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    complain(error.code, MANIFEST_NAME, error.message);
    return { state: 'damaged', facts };
  }
  for (const { name } of reader.entries) {
    if (name !== META_NAME && name !== MANIFEST_NAME && !listed.has(name))
      complain('ARCHIVE_ENTRY_UNLISTED', name, 'the manifest does not name this entry');
  }
  return { state: sound ? 'ok' : 'damaged', facts };
}

function compare(
  listed: ManifestEntry,
  entry: ZipEntry | undefined,
  seen: ReadonlySet<string>,
): { code: string; message: string } | null {
  if (seen.has(listed.path))
    return { code: 'ARCHIVE_MANIFEST_INVALID', message: 'the manifest names this entry twice' };
  if (entry === undefined)
    return { code: 'ARCHIVE_ENTRY_MISSING', message: 'the manifest names this entry, the archive lacks it' };
  const same =
    listed.type === entry.type &&
    listed.size === entry.size &&
    (entry.mode === null || entry.type === 'symlink' || (listed.mode & 0o7777) === entry.mode) &&
    sameTime(listed.mtime, entry.mtime);
  return same
    ? null
    : { code: 'ARCHIVE_HEADER_MISMATCH', message: 'type, size, mode or time differ from the manifest' };
}

/** The zip holds whole seconds, and clamps what its fields cannot express. */
function sameTime(listed: string, entry: Date): boolean {
  const seconds = Math.floor(Date.parse(listed) / 1000);
  if (seconds < -0x80000000 || seconds > 0x7fffffff) return true;
  return seconds === Math.floor(entry.getTime() / 1000);
}

const factsOf = ({ sha256, mode, mtime }: ManifestEntry): ManifestFacts => ({
  sha256: sha256 === undefined ? null : Buffer.from(sha256, 'hex'),
  mode,
  mtimeMs: parseMtime(mtime),
});

/** `Date.parse` stops at milliseconds; the manifest has microseconds. */
function parseMtime(text: string): number {
  const micros = /\.\d{3}(\d{3})Z$/.exec(text)?.[1] ?? '0';
  return Date.parse(text) + Number(micros) / 1000;
}
