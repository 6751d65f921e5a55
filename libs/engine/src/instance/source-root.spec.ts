import { chownSync, lchownSync, mkdirSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { hasCapabilities, skipped, skippedGroup, symlink, writeTree } from '@pawvault/testing';
import { type Backed, backUp, type BareInstance, bareInstance, register } from '../spec-support/bare-instance';
import { plainEngine } from '../spec-support/engine-bench';
import { HookedRunner } from '../spec-support/hooked-runner';

const OTHER = 65534;
const canGiveAway = hasCapabilities('chown');
const REASON = 'needs the right to give files away';
const describeGivesAway = canGiveAway ? describe : skippedGroup(REASON);
const itGivesAway = canGiveAway ? it : skipped(REASON);

const reasons = ({ view }: Backed): [string, string][] =>
  view.head.omissions.map(({ path, reason }): [string, string] => [path, reason]);

/** The workspace of agent `a` is reached through a link to a directory elsewhere; owners as given. */
function throughLink(owner: { link: number; target: number }): BareInstance {
  const instance = bareInstance();
  const target = join(instance.root, 'volume');
  writeTree(target, { 'a.txt': 'on the volume' });
  const link = join(instance.directories.workingDir, 'workspaces', 'linked');
  symlinkSync(target, link);
  lchownSync(link, owner.link, owner.link);
  chownSync(target, owner.target, owner.target);
  register(instance.directories.configFile, { a: link });
  return instance;
}

describeGivesAway('a workspace reached through a link', () => {
  it.each([
    ['of the user that PawVault runs as', { link: 0, target: OTHER }],
    ['of the owner of what it leads to', { link: OTHER, target: OTHER }],
  ])('%s is packed', async (_, owner) => {
    const backed = await backUp(plainEngine(throughLink(owner).directories));
    expect(backed.view.content('data/workspaces/a/a.txt').toString()).toBe('on the volume');
    expect(backed.job.codes).toEqual([]);
  });

  it.each(['the workspace', 'a directory above it'])(
    'of another user, in the place of %s, is left out',
    async (place) => {
      const instance = throughLink({ link: OTHER, target: 0 });
      if (place !== 'the workspace') {
        const link = join(instance.directories.workingDir, 'workspaces', 'linked');
        writeTree(join(instance.root, 'volume'), { 'inner/a.txt': 'x' });
        register(instance.directories.configFile, { a: join(link, 'inner') });
      }
      const backed = await backUp(plainEngine(instance.directories));
      expect(reasons(backed)).toEqual([['data/workspaces/a/', 'workspace_link_untrusted']]);
      expect(backed.job.codes).toEqual(['WORKSPACE_LINK_UNTRUSTED', 'PATHS_OMITTED']);
      expect(backed.result.agents).toEqual([]);
    },
  );
});

describe('a place that must not be packed', () => {
  it.each([
    ['secret', 'secretDir', 'contains_secret_directory'],
    ['backup', 'backupDir', 'contains_backup_directory'],
  ] as const)('holds a workspace: what lies in the %s directory is left out', async (_, place, reason) => {
    const { directories } = bareInstance();
    const inside = join(directories[place], 'deep', 'workspace');
    writeTree(inside, { 'a.txt': 'x' });
    register(directories.configFile, { a: inside });
    const backed = await backUp(plainEngine(directories));
    expect(reasons(backed)).toEqual([['data/workspaces/a/', reason]]);
  });

  it.each(['before the walk', 'between walk and read'])('is known by its inode when it is renamed %s', async (when) => {
    const instance = bareInstance({ 'a.txt': 'x' });
    const { workspace, directories } = instance;
    writeTree(join(workspace, 'secrets'), { '.master_key': 'key' });
    mkdirSync(join(workspace, 'z'));
    const deps = plainEngine({ ...directories, secretDir: join(workspace, 'secrets') });
    const move = (): void => renameSync(join(workspace, 'secrets'), join(workspace, 'z', 'harmless'));
    // The walk of the scan has held its listing by the time of the first task.
    const pool = new HookedRunner((task, nth) => {
      if (when !== 'before the walk' && task === 'pack-batch' && nth === 1) move();
    });
    const rules = { match: (path: string) => (path === 'a.txt' && when === 'before the walk' ? once(move) : null) };
    const backed = await backUp({ ...deps, pool, excludeRules: rules });
    expect(backed.view.names.filter((name) => name.includes('master_key'))).toEqual([]);
    expect(reasons(backed).map(([, reason]) => reason)).toContain('contains_secret_directory');
  });

  it('is not reached through a link to one of its files, under whatever name', async () => {
    const { workspace, directories } = bareInstance({ 'link.md': symlink('z/harmless/.master_key') });
    writeTree(join(workspace, 'z', 'harmless'), { '.master_key': 'key' });
    const backed = await backUp(plainEngine({ ...directories, secretDir: join(workspace, 'z', 'harmless') }));
    expect(backed.view.manifest.get('data/workspaces/a/link.md')).toMatchObject({ type: 'symlink', size: 0 });
  });
});

let done = false;
/** Acts at the first call only. */
function once(act: () => void): null {
  if (!done) act();
  done = true;
  return null;
}

itGivesAway('owners are in the manifest where they differ from that of the parent directory', async () => {
  const { workspace, directories } = bareInstance({
    'd/own.txt': 'x',
    'd/same.txt': 'x',
    'top.txt': 'x',
    link: symlink('nowhere'),
  });
  for (const path of ['', 'd', 'd/same.txt']) chownSync(join(workspace, path), OTHER, OTHER);
  lchownSync(join(workspace, 'link'), 12, 34);
  const { view } = await backUp(plainEngine(directories));
  const owners = [...view.manifest.values()].map(({ path, uid, gid }) => [
    path.slice('data/workspaces/a/'.length),
    uid,
    gid,
  ]);
  expect(owners).toEqual([
    ['', undefined, undefined],
    ['d/', undefined, undefined],
    ['d/own.txt', 0, 0],
    ['d/same.txt', undefined, undefined],
    ['link', 12, 34],
    ['top.txt', 0, 0],
  ]);
});
