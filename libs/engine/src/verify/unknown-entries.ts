import { unknownEntries, type ZipEntry } from '@pawvault/archive';
import type { JobWarning } from '@pawvault/contracts';

/** A warning that names what the archive holds beyond the layout; none where it holds nothing else. */
export function unknownEntriesWarnings(entries: readonly ZipEntry[]): JobWarning[] {
  const unknown = unknownEntries(entries);
  if (unknown === null) return [];
  const { files, bytes, places } = unknown;
  const names = places.map((place) => JSON.stringify(place)).join(', ');
  const message = `The archive holds entries that PawVault does not know; they are kept and never restored: ${names}`;
  return [{ code: 'UNKNOWN_ENTRIES', message, details: { files, bytes, places } }];
}
