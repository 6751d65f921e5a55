import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { failNthCall, forEachFailure, tempDir } from '@pawvault/testing';
import { ensureSigningKey, loadSigningKey, SIGNING_KEY_NAME } from './signing-key';

const HEX = 'ab'.repeat(32);
const keyPath = (directory: string): string => join(directory, SIGNING_KEY_NAME);

describe('ensureSigningKey', () => {
  it('makes a key of 32 bytes as QwenPaw writes it, for the owner alone', async () => {
    const directory = join(tempDir('key'), 'backups');
    const key = await ensureSigningKey(directory);
    expect(readFileSync(keyPath(directory), 'utf8')).toBe(`${key.toString('hex')}\n`);
    expect(key).toHaveLength(32);
    expect(statSync(keyPath(directory)).mode & 0o777).toBe(0o600);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    expect(readdirSync(directory)).toEqual([SIGNING_KEY_NAME]);
  });

  it('makes a key in the root of a volume, which belongs to somebody else', async () => {
    const directory = tempDir('key');
    const only = ({ name }: { name: string }): boolean => name === 'promises.chmod';
    const injection = await failNthCall(1, { under: directory, errno: 'EPERM', only });
    await ensureSigningKey(directory).finally(injection.restore);
    expect(injection.failed()).not.toBeNull();
    expect(statSync(keyPath(directory)).mode & 0o777).toBe(0o600);
  });

  it('never replaces a key, and leaves the mode of the directory alone then', async () => {
    const directory = tempDir('key');
    chmodSync(directory, 0o750);
    writeFileSync(keyPath(directory), `${HEX}\n`);
    await expect(ensureSigningKey(directory)).resolves.toEqual(Buffer.from(HEX, 'hex'));
    expect(statSync(directory).mode & 0o777).toBe(0o750);
  });

  it('gives all who ask at once the same key', async () => {
    const directory = tempDir('key');
    const keys = await Promise.all(Array.from({ length: 20 }, () => ensureSigningKey(directory)));
    expect(new Set(keys.map((key) => key.toString('hex'))).size).toBe(1);
    expect(readdirSync(directory)).toEqual([SIGNING_KEY_NAME]);
  });

  it.each(['EIO', 'ENOSPC'])('fails with %s at any call without leaving half a key behind', async (errno) => {
    const failures = await forEachFailure(
      async ({ run, failed }) => {
        const root = tempDir('key');
        const directory = join(root, 'backups');
        const outcome = await run(root, () => ensureSigningKey(directory));
        const left = readdirSync(root).length === 0 ? [] : readdirSync(directory);
        const whole = left.includes(SIGNING_KEY_NAME);
        if (whole) expect(readFileSync(keyPath(directory), 'utf8')).toMatch(/^[0-9a-f]{64}\n$/);
        // Only a failed unlink may leave the temporary file
        if (!/unlink/.test(failed()?.name ?? '')) expect(left).toEqual(whole ? [SIGNING_KEY_NAME] : []);
        if (outcome.status === 'done') expect(whole).toBe(true);
        await expect(ensureSigningKey(directory)).resolves.toHaveLength(32);
      },
      { errno },
    );
    expect(failures).toBeGreaterThan(8);
  });
});

describe('loadSigningKey', () => {
  it('answers null where there is none', async () => {
    await expect(loadSigningKey(join(tempDir('key'), 'gone'))).resolves.toBeNull();
  });

  it('reads a key again when it was replaced', async () => {
    const directory = tempDir('key');
    writeFileSync(keyPath(directory), HEX);
    await expect(loadSigningKey(directory)).resolves.toEqual(Buffer.from(HEX, 'hex'));
    rmSync(keyPath(directory));
    await expect(loadSigningKey(directory)).resolves.toBeNull();
    writeFileSync(keyPath(directory), `${'CD'.repeat(32)}\n\n`);
    await expect(loadSigningKey(directory)).resolves.toEqual(Buffer.from('cd'.repeat(32), 'hex'));
  });

  it.each<[string, (path: string) => void]>([
    ['is empty', (path) => writeFileSync(path, '')],
    ['is too short', (path) => writeFileSync(path, HEX.slice(2))],
    ['is too long', (path) => writeFileSync(path, `${HEX}00`)],
    ['is no hex', (path) => writeFileSync(path, 'g'.repeat(64))],
    ['is a symbolic link', (path) => symlinkSync('/etc/hostname', path)],
    ['is a dangling link', (path) => symlinkSync('nowhere', path)],
    ['is a directory', (path) => mkdirSync(path)],
  ])('refuses a key that %s, and does not regenerate it', async (_, damage) => {
    const directory = tempDir('key');
    damage(keyPath(directory));
    const refusal = { code: 'SIGNING_KEY_INVALID', details: { path: keyPath(directory) } };
    await expect(loadSigningKey(directory)).rejects.toMatchObject(refusal);
    await expect(ensureSigningKey(directory)).rejects.toMatchObject(refusal);
    expect(readdirSync(directory)).toEqual([SIGNING_KEY_NAME]);
  });
});
