import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { hasCapabilities, skipped, tempDir } from '@pawvault/testing';
import { acquireFileLock, type FileLock } from './file-lock';

let directory: string;
let path: string;
beforeEach(() => {
  directory = tempDir('lock');
  path = join(directory, '.qwenpaw_restore.lock');
});

const { signal } = new AbortController();
const acquire = (timeoutMs = 0): Promise<FileLock> => acquireFileLock(path, { timeoutMs, signal });

/** What another program, as QwenPaw, finds. */
const isFree = (): boolean => {
  try {
    execFileSync('flock', ['--nonblock', path, 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

it('is exclusive for this and other programs until it is released', async () => {
  const lock = await acquire();
  expect([lock.held(), isFree()]).toEqual([true, false]);
  await expect(acquire()).rejects.toMatchObject({ code: 'restore_target_busy', details: { path } });
  await lock.release();
  await lock.release();
  expect([lock.held(), isFree()]).toEqual([false, true]);
  await (await acquire()).release();
});

it('waits for another holder', async () => {
  const first = await acquire();
  const second = acquire(20_000);
  await first.release();
  await (await second).release();
});

it('a wait that is given up ends with the reason', async () => {
  const first = await acquire();
  const abort = new AbortController();
  const second = acquireFileLock(path, { timeoutMs: 20_000, signal: abort.signal });
  abort.abort(new Error('enough'));
  await expect(second).rejects.toThrow('enough');
  await first.release();
  expect(isFree()).toBe(true);
});

it('falls with the process that holds it', async () => {
  const program = `require('./file-lock').acquireFileLock(process.argv[1], { timeoutMs: 0, signal: new AbortController().signal })
    .then(() => { process.stdout.write('locked'); setInterval(() => {}, 1000); })`;
  const register = resolve(__dirname, '../../../tools/ts-register.cjs');
  const child = spawn(process.execPath, ['-r', register, '-e', program, path], {
    cwd: __dirname,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  expect(isFree()).toBe(false);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(isFree()).toBe(true);
});

it('leaves the content of the file and its mode alone', async () => {
  writeFileSync(path, 'of QwenPaw', { mode: 0o640 });
  await (await acquire()).release();
  expect(readFileSync(path, 'utf8')).toBe('of QwenPaw');
});

describe('what is no lock file is refused and left alone', () => {
  it('a link, which is not followed, not even to make its target', async () => {
    const canary = join(tempDir('canary'), 'planted');
    symlinkSync(canary, path);
    const refusal = { code: 'STATE_FILE_UNTRUSTED', details: { path, reason: 'link' } };
    await expect(acquire()).rejects.toMatchObject(refusal);
    expect(existsSync(canary)).toBe(false);
    writeFileSync(canary, '');
    await expect(acquire()).rejects.toMatchObject(refusal);
  });

  it.each<[string, () => void]>([
    ['a directory', () => mkdirSync(path)],
    ['a fifo', () => execFileSync('mkfifo', [path])],
  ])('%s', async (_, plant) => {
    plant();
    const refusal = { code: 'STATE_FILE_UNTRUSTED', details: { path, reason: 'not_a_file' } };
    await expect(acquire()).rejects.toMatchObject(refusal);
  });
});

describe('what fails is not called busy', () => {
  it('a directory that is not there', async () => {
    path = join(directory, 'none', 'lock');
    await expect(acquire()).rejects.toMatchObject({ code: 'IO_ERROR', details: { path, errno: 'ENOENT' } });
  });

  if (hasCapabilities('dac_override'))
    it('a directory without write permission is none for a process with the capability', async () => {
      chmodSync(directory, 0o500);
      await (await acquire()).release();
    });
  else
    it('a directory without write permission', async () => {
      chmodSync(directory, 0o500);
      await expect(acquire()).rejects.toMatchObject({ code: 'PERMISSION_DENIED', details: { path, errno: 'EACCES' } });
    });

  const withPath = async (folder: string): Promise<unknown> => {
    const before = process.env['PATH'];
    process.env['PATH'] = folder;
    try {
      return await acquire().catch((error: unknown) => error);
    } finally {
      process.env['PATH'] = before;
    }
  };

  it('a system without flock', async () => {
    expect(await withPath(directory)).toMatchObject({
      code: 'IO_ERROR',
      message: expect.stringContaining('util-linux') as string,
    });
  });

  it('a flock that knows no timeout, with what it says', async () => {
    writeFileSync(join(directory, 'flock'), '#!/bin/sh\necho "flock: unrecognized option: timeout" >&2\nexit 1\n', {
      mode: 0o755,
    });
    expect(await withPath(directory)).toMatchObject({
      code: 'IO_ERROR',
      message: expect.stringContaining('unrecognized option') as string,
      details: { path, exit_code: 1 },
    });
  });
});

const itGivesAway = hasCapabilities('chown') ? it : skipped('needs the right to give files away');

itGivesAway('a new file belongs to the owner of its directory', async () => {
  chownSync(directory, 65534, 65534);
  await (await acquire()).release();
  expect(lstatSync(path)).toMatchObject({ uid: 65534, gid: 65534 });
});
