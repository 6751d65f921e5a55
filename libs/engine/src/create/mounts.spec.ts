import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { canMount, skippedGroup } from '@pawvault/testing';
import { backUp, type BareInstance, bareInstance, PREFIX } from '../spec-support/bare-instance';
import { plainEngine } from '../spec-support/engine-bench';
import { mount } from '../spec-support/mounting';

/** A share and a bind mount of the same device inside the workspace. */
function withMounts(): BareInstance {
  const instance = bareInstance({ 'a.txt': 'x', 'source/b.txt': 'bound' });
  const { workspace } = instance;
  mount(join(workspace, 'media/share'), '-t', 'tmpfs', '-o', 'size=1m', 'tmpfs');
  writeFileSync(join(workspace, 'media/share/film.txt'), 'on the share');
  mount(join(workspace, 'bind'), '--bind', join(workspace, 'source'));
  return instance;
}

const describeMounts = canMount() ? describe : skippedGroup('needs the right to mount');

describeMounts('what is mounted inside a workspace', () => {
  it('is packed, with a warning that names the places', async () => {
    const { view, job, result } = await backUp(plainEngine(withMounts().directories));
    expect(view.content(`${PREFIX}media/share/film.txt`).toString()).toBe('on the share');
    expect(view.content(`${PREFIX}bind/b.txt`).toString()).toBe('bound');
    expect(result.omission_count).toBe(0);
    expect(job.warnings).toMatchObject([
      { code: 'MOUNT_INCLUDED', details: { count: 2, paths: [`${PREFIX}bind/`, `${PREFIX}media/share/`] } },
    ]);
  });

  it('is left out and named where backups stay on one file system', async () => {
    const instance = withMounts();
    execFileSync('ln', ['-s', 'media/share/film.txt', join(instance.workspace, 'film')]);
    const { view, job } = await backUp(plainEngine(instance.directories, { oneFileSystem: true }));
    expect(view.head.omissions.map(({ path, reason }) => [path, reason])).toEqual([
      [`${PREFIX}bind/`, 'other_file_system'],
      [`${PREFIX}media/share/`, 'other_file_system'],
    ]);
    expect(view.manifest.get(`${PREFIX}film`)).toMatchObject({ type: 'symlink', size: 0 });
    expect(job.codes).toEqual(['PATHS_OMITTED']);
  });
});
