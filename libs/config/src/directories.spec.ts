import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resolveDirectories } from './index';
import type { Surroundings } from './index';

const machine = (existing: string[] = []): Surroundings => ({
  home: '/home/paw',
  cwd: '/srv',
  exists: (path) => existing.includes(path),
  realpath: (path) => {
    if (existing.includes(path)) return path;
    throw new Error('ENOENT');
  },
});

const of = (workingDir: string) => ({
  workingDir,
  secretDir: `${workingDir}.secret`,
  backupDir: `${workingDir}.backups`,
  configFile: `${workingDir}/config.json`,
});

describe('resolveDirectories', () => {
  it.each([
    ['nothing set', {}, [], of('/home/paw/.qwenpaw')],
    ['an old installation', {}, ['/home/paw/.copaw'], of('/home/paw/.copaw')],
    ['both installations', {}, ['/home/paw/.copaw', '/home/paw/.qwenpaw'], of('/home/paw/.copaw')],
    ['an absolute path', { QWENPAW_WORKING_DIR: '/app/working' }, ['/home/paw/.copaw'], of('/app/working')],
    ['a slash at the end', { QWENPAW_WORKING_DIR: '/app/working/' }, [], of('/app/working')],
    ['a relative path', { QWENPAW_WORKING_DIR: 'paw/../cat' }, [], of('/srv/cat')],
    ['home alone', { QWENPAW_WORKING_DIR: '~' }, [], of('/home/paw')],
    ['a place in home', { QWENPAW_WORKING_DIR: '~/猫 paw' }, [], of('/home/paw/猫 paw')],
    ['the old name', { COPAW_WORKING_DIR: '/old' }, [], of('/old')],
    ['both names', { COPAW_WORKING_DIR: '/old', QWENPAW_WORKING_DIR: '/new' }, [], of('/new')],
    ['an empty new name', { COPAW_WORKING_DIR: '/old', QWENPAW_WORKING_DIR: '' }, [], of('/old')],
    [
      'each on its own',
      { QWENPAW_SECRET_DIR: '~/s', COPAW_BACKUP_DIR: '/b', QWENPAW_CONFIG_FILE: 'paw.json' },
      [],
      {
        workingDir: '/home/paw/.qwenpaw',
        secretDir: '/home/paw/s',
        backupDir: '/b',
        configFile: '/home/paw/.qwenpaw/paw.json',
      },
    ],
    [
      'an absolute config file',
      { COPAW_CONFIG_FILE: '/etc/paw.json' },
      [],
      { ...of('/home/paw/.qwenpaw'), configFile: '/etc/paw.json' },
    ],
  ])('%s', (_case, env, existing, expected) => {
    expect(resolveDirectories(env, machine(existing))).toEqual(expected);
  });

  it('derives the neighbours from where a linked working directory really is', () => {
    const root = realpathSync(mkdtempSync(join(tmpdir(), 'pawvault-config-')));
    try {
      mkdirSync(join(root, 'data', 'paw'), { recursive: true });
      symlinkSync(join(root, 'data', 'paw'), join(root, '.qwenpaw'));
      expect(resolveDirectories({ HOME: root })).toEqual(of(join(root, 'data', 'paw')));
    } finally {
      rmSync(root, { recursive: true });
    }
  });

  it('resolves links above a directory that does not exist yet', () => {
    const root = realpathSync(mkdtempSync(join(tmpdir(), 'pawvault-config-')));
    try {
      mkdirSync(join(root, 'disk'));
      symlinkSync(join(root, 'disk'), join(root, 'mnt'));
      expect(resolveDirectories({ QWENPAW_WORKING_DIR: join(root, 'mnt', 'new', 'paw') }).workingDir).toBe(
        join(root, 'disk/new/paw'),
      );
    } finally {
      rmSync(root, { recursive: true });
    }
  });
});
