import { createHmac } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_LIMITS, SIGNING_KEY_NAME } from '@pawvault/archive';
import { tempDir } from '@pawvault/testing';
import { openStore, type Store } from './index';

const storeIn = (backupDir: string): Store => openStore({ backupDir, limits: DEFAULT_LIMITS });
const hmac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

describe('a key for a purpose', () => {
  it('is the same for every process on the directory, from the first on', async () => {
    const directory = join(tempDir('store'), 'backups');
    const keys = await Promise.all([1, 2, 3].map(() => storeIn(directory).derivedKey('tickets')));
    expect(new Set(keys.map((key) => key.toString('hex'))).size).toBe(1);
    expect(keys[0]).toHaveLength(32);
    expect(existsSync(join(directory, SIGNING_KEY_NAME))).toBe(true);
  });

  it('is of one purpose and one installation, and not the signing key', async () => {
    const [here, there] = [tempDir('store'), tempDir('store')];
    const keys = [
      await storeIn(here).derivedKey('tickets'),
      await storeIn(here).derivedKey('other'),
      await storeIn(there).derivedKey('tickets'),
      Buffer.from(readFileSync(join(here, SIGNING_KEY_NAME), 'utf8').trim(), 'hex'),
    ];
    expect(new Set(keys.map((key) => key.toString('hex'))).size).toBe(keys.length);
  });

  it('follows from the signing key by RFC 5869, so that another program could tell it', async () => {
    const directory = tempDir('store');
    const signingKey = Buffer.alloc(32, 0xab);
    writeFileSync(join(directory, SIGNING_KEY_NAME), `${signingKey.toString('hex')}\n`);
    const extracted = createHmac('sha256', Buffer.alloc(32)).update(signingKey).digest();
    expect(await storeIn(directory).derivedKey('tickets')).toEqual(hmac(extracted, 'pawvault tickets\u0001'));
  });

  it('changes with the signing key, and is none when that is damaged', async () => {
    const directory = tempDir('store');
    const before = await storeIn(directory).derivedKey('tickets');
    rmSync(join(directory, SIGNING_KEY_NAME));
    expect(await storeIn(directory).derivedKey('tickets')).not.toEqual(before);
    writeFileSync(join(directory, SIGNING_KEY_NAME), 'no key');
    await expect(storeIn(directory).derivedKey('tickets')).rejects.toMatchObject({ code: 'SIGNING_KEY_INVALID' });
  });
});
