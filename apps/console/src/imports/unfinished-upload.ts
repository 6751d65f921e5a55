const KEY = 'pawvault.upload';

/** An upload that was begun in this browser: where it is, and of which file. */
export interface UnfinishedUpload {
  /** Of the upload; its last component is the id of the import that it becomes. */
  url: string;
  name: string;
  size: number;
  /** Milliseconds since 1970, as the file says. */
  modified: number;
}

/** Where it is kept: `localStorage`, so that it outlives the page. Bytes of the file are not: it has to be chosen again. */
export interface UploadPlace {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/** null when there is none, or the browser keeps nothing. */
export function readUnfinished(place: UploadPlace | null): UnfinishedUpload | null {
  const value = attempt(() => JSON.parse(place?.getItem(KEY) ?? 'null') as unknown);
  return isUnfinished(value) ? value : null;
}

export const keepUnfinished = (place: UploadPlace | null, upload: UnfinishedUpload): void =>
  void attempt(() => place?.setItem(KEY, JSON.stringify(upload)));

export const forgetUnfinished = (place: UploadPlace | null): void => void attempt(() => place?.removeItem(KEY));

/** Whether it is the very file of which a part has arrived, as far as can be told without reading it. */
export const isOf = (
  { name, size, modified }: Omit<UnfinishedUpload, 'url'>,
  file: Pick<File, 'name' | 'size' | 'lastModified'>,
): boolean => name === file.name && size === file.size && modified === file.lastModified;

/** The id of the import that an upload becomes. */
export const importIdOf = (url: string): string => url.split('/').at(-1) ?? '';

function isUnfinished(value: unknown): value is UnfinishedUpload {
  if (typeof value !== 'object' || value === null) return false;
  const { url, name, size, modified } = value as Partial<Record<keyof UnfinishedUpload, unknown>>;
  // Somebody else may write here: what is asked for stays on this gateway.
  const isOurs = typeof url === 'string' && /^\/api\/v1\/uploads\/[0-9a-f]{32}$/.test(url);
  return isOurs && typeof name === 'string' && typeof size === 'number' && typeof modified === 'number';
}

function attempt<T>(act: () => T): T | null {
  try {
    return act();
  } catch {
    // Storage may be full, forbidden, or hold something else; the upload works without.
    return null;
  }
}
