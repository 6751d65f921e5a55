import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { forEachFailure, tempDir } from '@pawvault/testing';
import { DownloadKey } from './download-key';

describe('the key of downloads', () => {
  it('is made once, whoever asks first, and is for its owner alone', async () => {
    const root = tempDir();
    expect(await new DownloadKey(root).read()).toBeNull();
    const keys = await Promise.all(Array.from({ length: 8 }, () => new DownloadKey(root).obtain()));
    expect(new Set(keys.map((key) => key.toString('hex'))).size).toBe(1);
    expect(keys[0]).toHaveLength(32);
    expect(await new DownloadKey(root).read()).toEqual(keys[0]);
    expect(readdirSync(join(root, '.pawvault'))).toEqual(['download-key']);
    expect(statSync(join(root, '.pawvault/download-key')).mode & 0o777).toBe(0o600);
  });

  it('is never guessed from a damaged file', async () => {
    const root = tempDir();
    const key = new DownloadKey(root);
    await key.obtain();
    writeFileSync(join(root, '.pawvault/download-key'), '');
    expect(await key.read()).toBeNull();
    await expect(key.obtain()).rejects.toThrow('is not a key');
  });

  it('is whole or not there, whichever call fails', async () => {
    await forEachFailure(async (attempt) => {
      const root = tempDir();
      await attempt.run(root, () => new DownloadKey(root).obtain());
      expect(await new DownloadKey(root).obtain()).toHaveLength(32);
      expect(readdirSync(join(root, '.pawvault')).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    });
  });
});
