import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DomainError } from '@pawvault/contracts';
import { failNthCall, forEachFailure, tempDir } from '@pawvault/testing';
import { writeFileAtomic } from './atomic-write';
import { fsyncDirectory } from './directory-sync';
import { freeBytes } from './free-space';
import { errnoOf, toDomainError } from './fs-errors';
import { publishFile, replaceFile } from './publish';
import { removeFile, removeTree } from './remove';

const read = (path: string): string => readFileSync(path, 'utf8');
const unlinkFailed = (name = ''): boolean => name.endsWith('unlink');

describe('writeFileAtomic', () => {
  it('replaces content and mode, whatever the umask is', async () => {
    const path = join(tempDir('atomic'), 'state.json');
    writeFileSync(path, 'old', { mode: 0o666 });
    const umask = process.umask(0o077);
    try {
      await writeFileAtomic(path, 'new', { mode: 0o664 });
    } finally {
      process.umask(umask);
    }
    expect(read(path)).toBe('new');
    expect(statSync(path).mode & 0o777).toBe(0o664);
    await writeFileAtomic(path, Buffer.from('newer'));
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it.each(['EIO', 'ENOSPC'])('leaves the old file or the new one when any call fails with %s', async (errno) => {
    const failures = await forEachFailure(
      async ({ run, failed }) => {
        const directory = tempDir('atomic');
        const path = join(directory, 'state.json');
        writeFileSync(path, 'old');
        const outcome = await run(directory, () => writeFileAtomic(path, 'new'));
        expect(['old', 'new']).toContain(read(path));
        if (outcome.status === 'done') expect(read(path)).toBe('new');
        else expect(errnoOf(outcome.error)).toBe(errno);
        if (!unlinkFailed(failed()?.name)) expect(readdirSync(directory)).toEqual(['state.json']);
      },
      { errno },
    );
    expect(failures).toBeGreaterThanOrEqual(8);
  });
});

describe('publishFile', () => {
  const prepared = (): { directory: string; temporary: string; target: string } => {
    const directory = tempDir('publish');
    const temporary = join(directory, 'work.tmp');
    writeFileSync(temporary, 'finished');
    return { directory, temporary, target: join(directory, 'final') };
  };

  it('gives the file its name and takes the other away', async () => {
    const { directory, temporary, target } = prepared();
    await publishFile(temporary, target);
    expect(readdirSync(directory)).toEqual(['final']);
    expect(read(target)).toBe('finished');
  });

  it.each(['file', 'directory', 'dangling link'])('never replaces what stands there: a %s', async (kind) => {
    const { directory, temporary, target } = prepared();
    if (kind === 'file') writeFileSync(target, 'other');
    if (kind === 'directory') mkdirSync(target);
    if (kind === 'dangling link') symlinkSync('nowhere', target);
    await expect(publishFile(temporary, target)).rejects.toMatchObject({ code: 'EEXIST' });
    expect(readdirSync(directory)).toEqual(['final', 'work.tmp']);
  });

  it('fails when the finished file was taken away', async () => {
    const { directory, target } = prepared();
    await expect(publishFile(join(directory, 'gone'), target)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  describe('on a file system without hard links', () => {
    const withoutLinks = async (directory: string, act: () => Promise<void>): Promise<void> => {
      const injection = await failNthCall(1, {
        under: directory,
        errno: 'EPERM',
        lasting: 'onwards',
        only: ({ name }) => name === 'promises.link',
      });
      try {
        await act();
      } finally {
        injection.restore();
      }
    };

    it('renames', async () => {
      const { directory, temporary, target } = prepared();
      await withoutLinks(directory, () => publishFile(temporary, target));
      expect(readdirSync(directory)).toEqual(['final']);
    });

    it('never replaces either', async () => {
      const { directory, temporary, target } = prepared();
      writeFileSync(target, 'other');
      const publishing = withoutLinks(directory, () => publishFile(temporary, target));
      await expect(publishing).rejects.toMatchObject({ code: 'EEXIST', errno: -17 });
      expect(read(target)).toBe('other');
    });
  });

  it('shows the whole file or none when any call fails', async () => {
    await forEachFailure(async ({ run }) => {
      const { directory, temporary, target } = prepared();
      const outcome = await run(directory, () => publishFile(temporary, target));
      const names = readdirSync(directory);
      if (names.includes('final')) expect(read(target)).toBe('finished');
      else expect(names).toEqual(['work.tmp']);
      if (outcome.status === 'done') expect(names).toEqual(['final']);
    });
  });
});

describe('replaceFile', () => {
  it('shows the old file or the new one when any call fails', async () => {
    await forEachFailure(async ({ run }) => {
      const directory = tempDir('replace');
      writeFileSync(join(directory, 'new.tmp'), 'new');
      writeFileSync(join(directory, 'final'), 'old');
      const outcome = await run(directory, () => replaceFile(join(directory, 'new.tmp'), join(directory, 'final')));
      expect(['old', 'new']).toContain(read(join(directory, 'final')));
      if (outcome.status === 'done') expect(readdirSync(directory)).toEqual(['final']);
    });
  });
});

describe('fsyncDirectory', () => {
  const failingSync = async (errno: string): Promise<void> => {
    const directory = tempDir('sync');
    const injection = await failNthCall(1, { under: directory, errno, only: ({ name }) => name === 'FileHandle.sync' });
    try {
      await fsyncDirectory(directory);
    } finally {
      injection.restore();
    }
  };

  it('accepts a file system that orders by itself', () => expect(failingSync('EINVAL')).resolves.toBeUndefined());
  it('reports a disk that fails', () => expect(failingSync('EIO')).rejects.toMatchObject({ code: 'EIO' }));
});

describe('freeBytes', () => {
  it('answers for a place that does not exist yet', async () => {
    const directory = tempDir('free');
    const free = await freeBytes(join(directory, 'not', 'yet'));
    expect(free).toBeGreaterThan(0);
    expect(Number.isSafeInteger(free)).toBe(true);
  });
});

describe('removing', () => {
  it('what is gone already is fine', async () => {
    const directory = tempDir('remove');
    await removeFile(join(directory, 'gone'));
    await removeTree(join(directory, 'gone'));
    await expect(removeFile(directory)).rejects.toMatchObject({ syscall: 'unlink' });
  });

  it('a tree never follows links out of it', async () => {
    const directory = tempDir('remove');
    writeFileSync(join(directory, 'kept'), 'kept');
    mkdirSync(join(directory, 'tree', 'deep'), { recursive: true });
    symlinkSync(directory, join(directory, 'tree', 'deep', 'link'));
    await removeTree(join(directory, 'tree'));
    expect(readdirSync(directory)).toEqual(['kept']);
  });
});

describe('errors', () => {
  const failed = (code: string): NodeJS.ErrnoException =>
    Object.assign(new Error(code), { code, errno: -1, path: '/a' });

  it.each([
    ['ENOSPC', 'DISK_FULL'],
    ['EDQUOT', 'DISK_FULL'],
    ['EACCES', 'PERMISSION_DENIED'],
    ['EPERM', 'PERMISSION_DENIED'],
    ['EROFS', 'PERMISSION_DENIED'],
    ['EIO', 'IO_ERROR'],
    ['ENOENT', 'IO_ERROR'],
  ])('%s becomes %s with its path', (errno, code) => {
    const cause = failed(errno);
    expect(toDomainError(cause)).toMatchObject({ code, details: { errno, path: '/a' }, cause });
    expect(toDomainError(cause, '/b')).toMatchObject({ details: { errno, path: '/b' } });
  });

  it('of other kinds stay as they are', () => {
    const domain = new DomainError('JOB_CANCELLED');
    const bug = Object.assign(new TypeError('bug'), { code: 'ERR_INVALID_ARG_TYPE' });
    expect([domain, bug, 'text', undefined].map((error) => toDomainError(error))).toEqual([
      domain,
      bug,
      'text',
      undefined,
    ]);
    expect(errnoOf(bug)).toBeUndefined();
  });
});
