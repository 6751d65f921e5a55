import { constants, type Stats } from 'node:fs';
import { chmod, lstat, mkdir, open } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { DomainError } from '@pawvault/contracts';
import { errnoOf, publishFile, removeFile } from '@pawvault/durable-fs';

/** Beside the archives, never in one: QwenPaw's place and name. */
export const SIGNING_KEY_NAME = '.signing_key';
const KEY_BYTES = 32;

const cache = new Map<string, { stamp: string; key: Buffer }>();

/**
 * The local signing key, or null where there is none yet. Read again whenever the file changed.
 * @throws DomainError SIGNING_KEY_INVALID for a symbolic link, a special file or damaged content: it is never regenerated over,
 *   because every archive signed with it would stop being trusted
 */
export async function loadSigningKey(backupDir: string): Promise<Buffer | null> {
  const path = join(backupDir, SIGNING_KEY_NAME);
  const stat = await lstat(path).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return null;
    throw error;
  });
  if (stat === null) return null;
  if (!stat.isFile()) throw invalid(path, 'it is not a regular file');
  const stamp = stampOf(stat);
  const known = cache.get(path);
  if (known?.stamp === stamp) return known.key;
  const key = await readKey(path);
  cache.set(path, { stamp, key });
  return key;
}

/**
 * The local signing key, made on first use: 32 random bytes as hex and a newline, 0600, in a directory of mode 0700.
 * Two processes may race here; one wins and the other reads.
 */
export async function ensureSigningKey(backupDir: string): Promise<Buffer> {
  await mkdir(backupDir, { recursive: true, mode: 0o700 });
  const present = await loadSigningKey(backupDir);
  if (present !== null) return present;
  await closeDirectory(backupDir);
  await createKey(join(backupDir, SIGNING_KEY_NAME));
  const key = await loadSigningKey(backupDir);
  if (key === null) throw invalid(join(backupDir, SIGNING_KEY_NAME), 'it vanished after it was made');
  return key;
}

/** The root of a volume in Kubernetes belongs to root, and who may enter is decided where it is mounted. The key is 0600 all the same. */
async function closeDirectory(path: string): Promise<void> {
  await chmod(path, 0o700).catch((error: unknown) => {
    if (errnoOf(error) !== 'EPERM') throw error;
  });
}

/** Written whole under another name first: a crash or a full disk must not leave half a key, nor another process read one. */
async function createKey(path: string): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  try {
    const handle = await open(temporary, flags, 0o600);
    try {
      await handle.writeFile(`${randomBytes(KEY_BYTES).toString('hex')}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await publishFile(temporary, path);
  } catch (error) {
    await removeFile(temporary).catch(() => undefined);
    if (errnoOf(error) !== 'EEXIST') throw error;
  }
}

async function readKey(path: string): Promise<Buffer> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch((error: unknown) => {
    if (errnoOf(error) === 'ELOOP') throw invalid(path, 'it is a symbolic link');
    throw error;
  });
  try {
    const text = (await handle.readFile('latin1')).trim();
    if (!/^[0-9a-fA-F]{64}$/.test(text)) throw invalid(path, 'it does not hold 64 hex digits');
    return Buffer.from(text, 'hex');
  } finally {
    await handle.close();
  }
}

const stampOf = (stat: Stats): string => `${stat.ino}:${stat.size}:${stat.mtimeMs}`;

const invalid = (path: string, why: string): DomainError =>
  new DomainError('SIGNING_KEY_INVALID', `The signing key cannot be used: ${why}`, { path });
