import type { FileRecord } from '@pawvault/contracts';

/** A folder as the list of entries below it shows it. */
export interface Folder {
  name: string;
  /** With a closing slash; what to list to look into it. */
  prefix: string;
  /** Files and links in it, at any depth. */
  files: number;
  bytes: number;
}

export interface FolderView {
  folders: Folder[];
  /** Files and links that lie in this very folder. */
  files: FileRecord[];
}

/**
 * One level of a tree from the flat list that the API gives.
 * @param entries whose path begins with `prefix`, by code point; directories may be told as entries of their own or not
 * @param prefix '' or ending in a slash
 */
export function folderView(entries: readonly FileRecord[], prefix: string): FolderView {
  const folders = new Map<string, Folder>();
  const files: FileRecord[] = [];
  for (const entry of entries) {
    const rest = entry.path.slice(prefix.length);
    const slash = rest.indexOf('/');
    if (rest === '') continue;
    if (slash === -1 && entry.type !== 'directory') files.push(entry);
    else count(folders, { prefix, name: slash === -1 ? rest : rest.slice(0, slash), entry });
  }
  return { folders: [...folders.values()], files };
}

function count(folders: Map<string, Folder>, at: { prefix: string; name: string; entry: FileRecord }): void {
  const { prefix, name, entry } = at;
  const folder = folders.get(name) ?? { name, prefix: `${prefix}${name}/`, files: 0, bytes: 0 };
  folders.set(name, folder);
  if (entry.type === 'directory') return;
  folder.files += 1;
  folder.bytes += entry.size;
}

/** The way to a folder, from the outermost: `data/workspaces/` → data, workspaces. */
export function pathTo(prefix: string): Pick<Folder, 'name' | 'prefix'>[] {
  const names = prefix.split('/').slice(0, -1);
  return names.map((name, index) => ({ name, prefix: `${names.slice(0, index + 1).join('/')}/` }));
}

/** The address of one file. Every segment is escaped, so that a name with `?`, `#` or `%` in it arrives as it is. */
export const fileUrl = (backupId: string, path: string): string =>
  `/api/v1/backups/${encodeURIComponent(backupId)}/files/${path.split('/').map(encodeURIComponent).join('/')}`;
