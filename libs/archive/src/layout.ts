import { isUtf8 } from 'node:buffer';
import {
  CONFIG_ENTRY,
  DATA_PREFIX,
  type ErrorCode,
  isAgentId,
  MANIFEST_NAME,
  META_NAME,
  moduleOf,
  WORKSPACES_PREFIX,
} from '@pawvault/contracts';
import { linkStaysInside, nameProblem } from './entry-name';
import type { ArchiveLimits } from './limits';
import { refuse, type ZipEntry } from './zip-entry';

const DOCUMENTS: ReadonlySet<string> = new Set([META_NAME, MANIFEST_NAME, CONFIG_ENTRY]);
const PARENTS: ReadonlySet<string> = new Set([DATA_PREFIX, WORKSPACES_PREFIX]);
/** What macOS adds when a person packs a folder in the Finder. It belongs to no module, so nothing ever unpacks it. */
const FINDER_TRACES = /^(?:__MACOSX\/.*|(?:data\/(?:workspaces\/)?)?\.DS_Store)$/;

/**
 * Holds the entries of a sound zip against the layout of a backup, see docs/archive-format.md: a meta.json, and nothing beyond the places
 * that the layout knows.
 * @throws DomainError ARCHIVE_META_MISSING, ARCHIVE_UNEXPECTED_ENTRY, ARCHIVE_AGENT_ID_INVALID, ARCHIVE_LIMIT_EXCEEDED
 */
export function assertLayout(entries: readonly ZipEntry[], limits: ArchiveLimits): void {
  // Said first: most zips that somebody mistakes for a backup have other entries as well.
  if (!entries.some(({ name }) => name === META_NAME)) throw refuse('ARCHIVE_META_MISSING', null);
  for (const entry of entries) {
    const problem = layoutProblem(entry);
    if (problem !== null) throw refuse(problem, entry.name);
    if (entry.name === META_NAME) assertSize(entry, { limit: 'PAWVAULT_LIMIT_META_BYTES', most: limits.maxMetaBytes });
    if (entry.name === MANIFEST_NAME)
      assertSize(entry, { limit: 'PAWVAULT_LIMIT_MANIFEST_BYTES', most: limits.maxManifestBytes });
  }
}

function layoutProblem({ name, type }: ZipEntry): ErrorCode | null {
  if (DOCUMENTS.has(name)) return type === 'file' ? null : 'ARCHIVE_UNEXPECTED_ENTRY';
  if (PARENTS.has(name)) return null;
  const owner = moduleOf(name);
  if (owner?.module === 'agents') return isAgentId(owner.agent) ? null : 'ARCHIVE_AGENT_ID_INVALID';
  if (owner !== null) return null;
  return type !== 'symlink' && FINDER_TRACES.test(name) ? null : 'ARCHIVE_UNEXPECTED_ENTRY';
}

function assertSize({ name, size }: ZipEntry, { limit, most }: { limit: string; most: number }): void {
  if (size > most) throw refuse('ARCHIVE_LIMIT_EXCEEDED', name, { limit, bytes: size });
}

/**
 * Where a symbolic link of an archive points. It must stay inside its module, and for a workspace inside its agent.
 * @param content of the entry
 * @throws DomainError ARCHIVE_SYMLINK_ESCAPES, also for a target that is not UTF-8: nobody could say where it leads
 */
export function linkTarget(entryName: string, content: Buffer): string {
  const target = content.toString('utf8');
  const owner = moduleOf(entryName);
  if (owner === null || !isUtf8(content) || !linkStaysInside(owner.path, target))
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
  if (owner === null || owner.path === '' || name.endsWith('/')) return 'ARCHIVE_UNEXPECTED_ENTRY';
  return owner.module === 'agents' && !isAgentId(owner.agent) ? 'ARCHIVE_AGENT_ID_INVALID' : null;
}
