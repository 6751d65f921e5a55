import { type ArchiveReader, manifestLines, type ZipEntry } from '@pawvault/archive';
import { DATA_PREFIX, DomainError, MANIFEST_NAME, type ManifestEntry, type VerifyProblem } from '@pawvault/contracts';
import { type FactsByName, FactTable } from './manifest-facts';

export interface ManifestCheck {
  state: 'ok' | 'absent' | 'damaged';
  /** What the manifest says of each entry. */
  facts: FactsByName;
}

/**
 * Holds the manifest against the directory of the archive: every entry under `data/` listed once, with the same type, size and mode, and
 * nothing listed that is not there.
 */
export async function checkManifest(
  reader: ArchiveReader,
  onProblem: (problem: VerifyProblem) => void,
): Promise<ManifestCheck> {
  if (reader.get(MANIFEST_NAME) === undefined) return { state: 'absent', facts: new Map() };
  const facts = new FactTable(reader);
  let sound = true;
  const complain = (problem: VerifyProblem): void => {
    sound = false;
    onProblem(problem);
  };
  try {
    await readRecords(reader, facts, complain);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    complain({ code: error.code, path: MANIFEST_NAME, message: error.message });
    return { state: 'damaged', facts };
  }
  reader.entries.forEach(({ name }, index) => {
    if (name.startsWith(DATA_PREFIX) && !facts.has(index))
      complain({ code: 'ARCHIVE_ENTRY_UNLISTED', path: name, message: 'the manifest does not name this entry' });
  });
  return { state: sound ? 'ok' : 'damaged', facts };
}

async function readRecords(
  reader: ArchiveReader,
  facts: FactTable,
  complain: (problem: VerifyProblem) => void,
): Promise<void> {
  let count = 0;
  for await (const line of manifestLines(reader)) {
    if (line.kind === 'head') {
      const { code } = INVALID;
      if (line.head.entry_count !== count)
        complain({ code, path: MANIFEST_NAME, message: 'the manifest counts other entries than it lists' });
      continue;
    }
    count += 1;
    const { entry } = line;
    const index = reader.indexOf(entry.path);
    const problem = facts.has(index) ? INVALID : compare(entry, reader.entries[index]);
    if (problem !== null) complain({ ...problem, path: entry.path });
    facts.set(index, entry);
  }
}

const INVALID = { code: 'ARCHIVE_MANIFEST_INVALID', message: 'the manifest names this entry twice' };

function compare(listed: ManifestEntry, entry: ZipEntry | undefined): { code: string; message: string } | null {
  if (entry === undefined)
    return { code: 'ARCHIVE_ENTRY_MISSING', message: 'the manifest names this entry, the archive lacks it' };
  const same =
    listed.type === entry.type &&
    listed.size === entry.size &&
    (entry.mode === null || entry.type === 'symlink' || (listed.mode & 0o7777) === entry.mode) &&
    sameTime(listed.mtime, entry.mtimeMs);
  return same
    ? null
    : { code: 'ARCHIVE_HEADER_MISMATCH', message: 'type, size, mode or time differ from the manifest' };
}

/** The zip holds whole seconds, and clamps what its fields cannot express. */
function sameTime(listed: string, entryMs: number): boolean {
  const seconds = Math.floor(Date.parse(listed) / 1000);
  if (seconds < -0x80000000 || seconds > 0x7fffffff) return true;
  return seconds === Math.floor(entryMs / 1000);
}
