import type { ManifestEntry } from '@pawvault/contracts';

const HASH = /^[0-9a-f]{64}$/;
/** Linux gives a link no longer target: 4096 bytes with the closing NUL. */
const MAX_TARGET_BYTES = 4095;
/** The last value of a 32-bit id means "unchanged" to chown(2). */
const MAX_OWNER = 0xfffffffe;

/** Whether a value has the form of a record of the manifest. Whether it agrees with the archive is another question. */
export function isManifestEntry(value: unknown): value is ManifestEntry {
  if (typeof value !== 'object' || value === null) return false;
  const { path, size, mode, mtime, uid, gid } = value as Partial<ManifestEntry>;
  const counted = isCount(size) && Number.isSafeInteger(mode);
  const owned = [uid, gid].every((id) => id === undefined || (isCount(id) && id <= MAX_OWNER));
  return typeof path === 'string' && counted && owned && typeof mtime === 'string' && hasFormOfItsType(value);
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

function hasFormOfItsType(record: Partial<ManifestEntry>): boolean {
  const { type, sha256 } = record;
  if (type === 'directory') return true;
  if (type === 'symlink' && sha256 === undefined) return isLinkAlone(record);
  return (type === 'file' || type === 'symlink') && typeof sha256 === 'string' && HASH.test(sha256);
}

/** A link that has no zip entry: nothing but this record says where it leads and how old it is. */
const isLinkAlone = ({ size, target, mtime }: Partial<ManifestEntry>): boolean =>
  size === 0 && isLinkTarget(target) && !Number.isNaN(Date.parse(mtime ?? ''));

/** Whether a symbolic link can be made that leads there. Where it leads is not judged here. */
export const isLinkTarget = (target: unknown): target is string =>
  typeof target === 'string' &&
  target !== '' &&
  !target.includes('\0') &&
  target.isWellFormed() &&
  Buffer.byteLength(target) <= MAX_TARGET_BYTES;

/** True for a link that stands in the manifest alone. */
export const isLinkOnly = ({ type, sha256 }: ManifestEntry): boolean => type === 'symlink' && sha256 === undefined;
