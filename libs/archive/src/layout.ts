import { isUtf8 } from 'node:buffer';
import {
  CONFIG_ENTRY,
  DATA_PREFIX,
  type ErrorCode,
  MANIFEST_NAME,
  META_NAME,
  moduleOf,
  SECRETS_PREFIX,
  SKILL_POOL_PREFIX,
  WORKSPACES_PREFIX,
} from '@pawvault/contracts';
import { linkStaysInside, nameProblem } from './entry-name';
import type { ArchiveLimits } from './limits';
import { refuse, type ZipEntry } from './zip-entry';

const DOCUMENTS: ReadonlySet<string> = new Set([META_NAME, MANIFEST_NAME, CONFIG_ENTRY]);
const PARENTS: ReadonlySet<string> = new Set([DATA_PREFIX, WORKSPACES_PREFIX]);
const DIRECTORIES: ReadonlySet<string> = new Set([...PARENTS, SECRETS_PREFIX, SKILL_POOL_PREFIX]);
/** What macOS adds when a person packs a folder in the Finder. It belongs to no module, so nothing ever unpacks it. */
const FINDER_TRACES = /^(?:__MACOSX\/.*|(?:data\/(?:workspaces\/)?)?\.DS_Store)$/s;

/**
 * Holds the entries of a sound zip against the layout of a backup, see docs/archive-format.md: a meta.json, and nothing else in the places of the
 * layout than what the layout has there. Entries elsewhere are no fault; see `unknownEntries`.
 * @throws DomainError ARCHIVE_META_MISSING, ARCHIVE_UNEXPECTED_ENTRY, ARCHIVE_LIMIT_EXCEEDED
 */
export function assertLayout(entries: readonly ZipEntry[], limits: ArchiveLimits): void {
  // First of all: most zips that are mistaken for a backup have none.
  if (!entries.some(({ name }) => name === META_NAME)) throw refuse('ARCHIVE_META_MISSING', null);
  for (const entry of entries) {
    if (isOutOfPlace(entry)) throw refuse('ARCHIVE_UNEXPECTED_ENTRY', entry.name);
    if (entry.name === META_NAME) assertSize(entry, { limit: 'PAWVAULT_LIMIT_META_BYTES', most: limits.maxMetaBytes });
    if (entry.name === MANIFEST_NAME)
      assertSize(entry, { limit: 'PAWVAULT_LIMIT_MANIFEST_BYTES', most: limits.maxManifestBytes });
  }
}

/** A document that is a directory or a link, or a module that is none: two readers could take it for two things. */
function isOutOfPlace({ name, type }: ZipEntry): boolean {
  if (DOCUMENTS.has(name)) return type !== 'file';
  if (DIRECTORIES.has(`${name}/`)) return true;
  const slash = name.startsWith(DATA_PREFIX) ? name.indexOf('/', DATA_PREFIX.length) : name.indexOf('/');
  return slash !== -1 && DOCUMENTS.has(name.slice(0, slash));
}

/** True for documents, the directories above the modules, and traces of the Finder. Entries of modules are told by `moduleOf`. */
export const isOfLayout = (name: string): boolean =>
  DOCUMENTS.has(name) || PARENTS.has(name) || FINDER_TRACES.test(name);

function assertSize({ name, size }: ZipEntry, { limit, most }: { limit: string; most: number }): void {
  if (size > most) throw refuse('ARCHIVE_LIMIT_EXCEEDED', name, { limit, bytes: size });
}

/**
 * Where a symbolic link of an archive points. It must stay inside its module, and for a workspace inside its agent; outside of all modules, where
 * nothing is restored, inside the archive.
 * @param content of the entry
 * @throws DomainError ARCHIVE_SYMLINK_ESCAPES, also for a target that is not UTF-8: nobody could say where it leads
 */
export function linkTarget(entryName: string, content: Buffer): string {
  const target = content.toString('utf8');
  const path = moduleOf(entryName)?.path ?? entryName;
  if (!isUtf8(content) || !linkStaysInside(path, target))
    throw refuse('ARCHIVE_SYMLINK_ESCAPES', entryName, { target });
  return target;
}

/**
 * What is wrong with the place of a link that stands in the manifest alone, or null. Such a name never passed the checks of the zip directory, so
 * it is held to the same rules, and to the modules: a link is only ever made inside one. Where it leads is free.
 */
export function linkPlaceProblem(name: string, limits: ArchiveLimits): ErrorCode | null {
  const problem = nameProblem(name, limits);
  if (problem !== null) return problem;
  const owner = moduleOf(name);
  if (owner !== null) return owner.path === '' || name.endsWith('/') ? 'ARCHIVE_UNEXPECTED_ENTRY' : null;
  const isInWorkspace = name.startsWith(WORKSPACES_PREFIX) && name.includes('/', WORKSPACES_PREFIX.length);
  return isInWorkspace ? 'ARCHIVE_AGENT_ID_INVALID' : 'ARCHIVE_UNEXPECTED_ENTRY';
}
