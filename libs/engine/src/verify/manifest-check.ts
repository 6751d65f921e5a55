import { hash } from 'node:crypto';
import {
  type ArchiveReader,
  checkNames,
  isLinkOnly,
  isLinkTarget,
  linkPlaceProblem,
  manifestLines,
  sortByName,
  type ZipEntry,
} from '@pawvault/archive';
import { DATA_PREFIX, DomainError, MANIFEST_NAME, type ManifestEntry, type VerifyProblem } from '@pawvault/contracts';
import { type FactsByName, FactTable, ownerOf, parseMtime } from './manifest-facts';

/** A symbolic link that the manifest describes; links that are zip entries of symlink type (earlier versions) are none of these. */
export interface ManifestLink {
  /** As an entry would have it, e.g. `data/workspaces/default/AGENTS.md`. */
  name: string;
  /** May lead anywhere. */
  target: string;
  mtimeMs: number;
  /** The zip has an ordinary file of this name, with the content of the file that the link led to. */
  hasContent: boolean;
  /** Absent where the owner is that of the parent directory. */
  uid?: number;
  gid?: number;
}

export interface ManifestCheck {
  state: 'ok' | 'absent' | 'damaged';
  /** What the manifest says of each entry of the zip. */
  facts: FactsByName;
  /** By name in code-point order. */
  links: readonly ManifestLink[];
}

/**
 * Holds the manifest against the directory of the archive: every entry under `data/` listed once, with the same type, size and mode, and
 * nothing listed that is not there, but for links, which may stand in the manifest alone. Their names are held to the rules for entries.
 */
export async function checkManifest(
  reader: ArchiveReader,
  onProblem: (problem: VerifyProblem) => void,
): Promise<ManifestCheck> {
  if (reader.get(MANIFEST_NAME) === undefined) return { state: 'absent', facts: new Map(), links: [] };
  const check = new Check(reader, onProblem);
  try {
    await check.readRecords();
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    check.report({ code: error.code, path: MANIFEST_NAME, message: error.message });
    return check.outcome();
  }
  check.compareNames();
  return check.outcome();
}

class Check {
  private readonly facts: FactTable;
  private readonly links: ManifestLink[] = [];
  private sound = true;

  constructor(
    private readonly reader: ArchiveReader,
    private readonly onProblem: (problem: VerifyProblem) => void,
  ) {
    this.facts = new FactTable(reader);
  }

  report(problem: VerifyProblem): void {
    this.sound = false;
    this.onProblem(problem);
  }

  outcome(): ManifestCheck {
    return { state: this.sound ? 'ok' : 'damaged', facts: this.facts, links: this.links };
  }

  async readRecords(): Promise<void> {
    let count = 0;
    for await (const line of manifestLines(this.reader)) {
      if (line.kind === 'entry') {
        count += 1;
        this.take(line.entry);
      } else if (line.head.entry_count !== count) {
        const message = 'the manifest counts other entries than it lists';
        this.report({ code: 'ARCHIVE_MANIFEST_INVALID', path: MANIFEST_NAME, message });
      }
    }
  }

  /** What no single record can show: entries that none names, and links in the place of something else. */
  compareNames(): void {
    this.reader.entries.forEach(({ name }, index) => {
      if (name.startsWith(DATA_PREFIX) && !this.facts.has(index))
        this.report({ code: 'ARCHIVE_ENTRY_UNLISTED', path: name, message: 'the manifest does not name this entry' });
    });
    sortByName(this.links);
    const alone = this.links.filter(({ hasContent }) => !hasContent);
    if (alone.length === 0) return;
    const all = [...this.reader.entries, ...alone.map(({ name }) => ({ name, type: 'symlink' as const }))];
    sortByName(all);
    try {
      checkNames(all);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      this.report({ code: error.code, path: String(error.details['entry']), message: error.message });
    }
  }

  private take(record: ManifestEntry): void {
    const index = this.reader.indexOf(record.path);
    const entry = this.reader.entries[index];
    const problem = this.facts.has(index) ? LISTED_TWICE : this.problemOf(record, entry);
    if (problem !== null) this.report({ ...problem, path: record.path });
    else if (isManifestLink(record, entry)) this.links.push(toLink(record, { hasContent: entry !== undefined }));
    this.facts.set(index, record);
  }

  private problemOf(record: ManifestEntry, entry: ZipEntry | undefined): Problem | null {
    if (entry === undefined && !isLinkOnly(record)) return MISSING;
    if (entry !== undefined && differs(record, entry)) return DIFFERENT;
    if (!isManifestLink(record, entry)) return null;
    const code = linkPlaceProblem(record.path, this.reader.limits);
    return code === null ? null : { code, message: new DomainError(code).message };
  }
}

type Problem = Pick<VerifyProblem, 'code' | 'message'>;

const LISTED_TWICE = { code: 'ARCHIVE_MANIFEST_INVALID', message: 'the manifest names this entry twice' };
const MISSING = { code: 'ARCHIVE_ENTRY_MISSING', message: 'the manifest names this entry, the archive lacks it' };
const DIFFERENT = {
  code: 'ARCHIVE_HEADER_MISMATCH',
  message: 'type, size, mode or time differ from the manifest',
};

function differs(listed: ManifestEntry, entry: ZipEntry): boolean {
  const same =
    sameType(listed, entry) &&
    listed.size === entry.size &&
    (entry.mode === null || entry.type === 'symlink' || (listed.mode & 0o7777) === entry.mode) &&
    sameTime(listed.mtime, entry.mtimeMs);
  return !same;
}

/** The zip has the content of a link to a file as an ordinary file; the record must then say of which content, and where the link leads. */
const sameType = (listed: ManifestEntry, entry: ZipEntry): boolean =>
  listed.type === entry.type ? !isLinkOnly(listed) : isContentOfLink(listed, entry);

const isContentOfLink = (listed: ManifestEntry, entry: ZipEntry): boolean =>
  listed.type === 'symlink' &&
  entry.type === 'file' &&
  !isLinkOnly(listed) &&
  isLinkTarget(listed.target) &&
  !isOfLinkEntry(listed);

/**
 * A record as earlier versions wrote them for a link entry: the content is the target, the mode that of links. If its entry is a file, the type in the
 * zip directory was damaged.
 */
const isOfLinkEntry = ({ target = '', size, mode, sha256 }: ManifestEntry): boolean =>
  mode === 0o777 && size === Buffer.byteLength(target) && sha256 === hash('sha256', target, 'hex');

/** Not a link of an earlier version, whose target is the content of its zip entry. */
const isManifestLink = (
  record: ManifestEntry,
  entry: ZipEntry | undefined,
): record is ManifestEntry & { target: string } => record.type === 'symlink' && entry?.type !== 'symlink';

const toLink = (record: ManifestEntry & { target: string }, extra: Pick<ManifestLink, 'hasContent'>): ManifestLink => ({
  name: record.path,
  target: record.target,
  mtimeMs: parseMtime(record.mtime),
  ...ownerOf(record),
  ...extra,
});

/** The zip holds whole seconds, and clamps what its fields cannot express. */
function sameTime(listed: string, entryMs: number): boolean {
  const seconds = Math.floor(Date.parse(listed) / 1000);
  if (seconds < -0x80000000 || seconds > 0x7fffffff) return true;
  return seconds === Math.floor(entryMs / 1000);
}
