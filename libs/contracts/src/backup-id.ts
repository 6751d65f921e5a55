export const QWENPAW_VERSION_UNKNOWN = 'unknown';

/** What is accepted when read; older archives of QwenPaw carry a UUID. Needs {@link isBackupId} for the leading dot. */
export const BACKUP_ID_PATTERN = '^(?!\\.)[a-zA-Z0-9._-]{1,200}$';
const ID = new RegExp(BACKUP_ID_PATTERN);

/** True for an id that is safe as a file name: no separator, no leading dot, no newline (`$` would accept a trailing one in Python, not here). */
export const isBackupId = (value: unknown): value is string => typeof value === 'string' && ID.test(value);

/**
 * `qwenpaw-<version>-<YYYYMMDDTHHmmssZ>-<short8>`, QwenPaw's own form.
 * @param at UTC instant; fractions of a second are dropped
 * @param short 8 lowercase hex digits
 */
export function formatBackupId(version: string, at: Date, short: string): string {
  if (!/^[0-9a-f]{8}$/.test(short)) throw new RangeError('short must be 8 lowercase hex digits');
  const safeVersion = (version || QWENPAW_VERSION_UNKNOWN).replace(/[^a-zA-Z0-9._-]/g, '_').slice(0, 100);
  const time = at.toISOString().replace(/[-:]|\.\d+/g, '');
  return `qwenpaw-${safeVersion}-${time}-${short}`;
}
