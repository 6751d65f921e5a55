import { DATA_PREFIX, moduleOf, WORKSPACES_PREFIX } from '@pawvault/contracts';
import { isOfLayout } from './layout';
import type { ZipEntry } from './zip-entry';

/** What an archive holds beyond the layout: of a later version or a fork of QwenPaw, or packed by hand. */
export interface UnknownEntries {
  /** Files and links. */
  files: number;
  bytes: number;
  /** Outermost names, directories with a closing slash, e.g. `data/platform_content/`; at most {@link LISTED_PLACES}. */
  places: string[];
}

const LISTED_PLACES = 20;

/** Entries that are kept and verified like all others, and never restored; null where there are none. */
export function unknownEntries(entries: readonly Pick<ZipEntry, 'name' | 'type' | 'size'>[]): UnknownEntries | null {
  const places = new Set<string>();
  const found: UnknownEntries = { files: 0, bytes: 0, places: [] };
  for (const { name, type, size } of entries) {
    if (moduleOf(name) !== null || isOfLayout(name)) continue;
    places.add(placeOf(name));
    if (type === 'directory') continue;
    found.files += 1;
    found.bytes += size;
  }
  return places.size === 0 ? null : { ...found, places: [...places].slice(0, LISTED_PLACES) };
}

function placeOf(name: string): string {
  const parent = [WORKSPACES_PREFIX, DATA_PREFIX].find((prefix) => name.startsWith(prefix)) ?? '';
  const slash = name.indexOf('/', parent.length);
  return slash === -1 ? name : name.slice(0, slash + 1);
}
