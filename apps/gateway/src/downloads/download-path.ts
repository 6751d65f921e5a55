import { DomainError } from '@pawvault/contracts';

/** What a download route is asked for: an archive, or one file of it by its name in the archive. */
export type Download = { id: string; file: null } | { id: string; file: string };

const ROUTE = /^\/api\/v1\/backups\/([^/]+)\/(?:archive|files\/(.+))$/;

/**
 * Reads the path of a download route as the router will. It has to be spelt as a browser sends it: what a browser would first tidy up (dots,
 * backslashes, blanks, another host) is not the path that would be asked for.
 * @throws DomainError VALIDATION_FAILED
 */
export function readDownloadPath(path: string): Download {
  const [, id, file] = ROUTE.exec(path) ?? [];
  if (id === undefined || !isAsSent(path)) throw refusal();
  return { id: decode(id), file: file === undefined ? null : file.split('/').map(decode).join('/') };
}

const isAsSent = (path: string): boolean => {
  const base = 'http://pawvault';
  return URL.canParse(path, base) && new URL(path, base).href === base + path;
};

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw refusal();
  }
}

const refusal = (): DomainError =>
  new DomainError('VALIDATION_FAILED', 'path must be the path of an archive or of a file of a backup', {
    fields: ['path'],
  });
