import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { DomainError, type RestorePayload } from '@pawvault/contracts';
import { canMount, hasCapabilities, readTree, removeTestTree, skipped, tempDir } from '@pawvault/testing';
import type { EngineDeps } from '../engine';
import { backUp, type BareInstance, bareInstance } from '../spec-support/bare-instance';
import { plainEngine, RecordedJob } from '../spec-support/engine-bench';
import { recoverInstance } from './recover-instance';
import { restoreBackup } from './restore-backup';

const READ_ONLY = [0o555, 0o500, 0o300, 0o000];
const CANCELLED = new DomainError('JOB_CANCELLED');
/** Root with its capabilities is refused nothing by modes. */
const isPrivileged = hasCapabilities('dac_override');
const itMounts = canMount() ? it : skipped('needs the right to mount');
const itGivesAway = hasCapabilities('chown') ? it : skipped('needs the right to give files away');
const itMarks = canMark() ? it : skipped('needs the right and a file system for chattr +i');

interface Bench {
  instance: BareInstance;
  workspace: string;
  restore(job?: RecordedJob): Promise<unknown>;
  recover(): Promise<unknown>;
}

const benches: Bench[] = [];
const mounts: string[] = [];
afterEach(() => {
  for (const path of mounts.splice(0).reverse()) execFileSync('umount', [path]);
  for (const { instance } of benches.splice(0)) {
    execFileSync('chmod', ['-R', 'u+rwx', instance.root], { stdio: 'ignore' });
    removeTestTree(instance.root);
  }
});

/** A backup of an instance; `since` then changes it. */
async function bench(since: (workspace: string) => void, before?: (workspace: string) => void): Promise<Bench> {
  const instance = bareInstance({
    'AGENTS.md': 'saved',
    'go/pkg/mod/go.mod': 'module example',
    'go/pkg/mod/__pycache__/x.pyc': 'left out',
    'media/picture.png': 'saved',
  });
  const { directories, workspace } = instance;
  before?.(workspace);
  const engine: EngineDeps = plainEngine(directories);
  const { result } = await backUp(engine);
  writeFileSync(join(workspace, 'AGENTS.md'), 'since');
  since(workspace);
  const payload: RestorePayload = {
    backup_id: result.backup_id,
    mode: 'custom',
    agent_ids: ['a'],
    include_global_config: false,
    include_skill_pool: false,
    include_secrets: false,
    default_workspace_dir: null,
    preserve_local_protected_config: null,
    trust_mode: null,
    pre_restore_backup: null,
    plan_hash: null,
  };
  const made: Bench = {
    instance,
    workspace,
    restore: (job = new RecordedJob()) => restoreBackup(engine, payload, job, { quiesce: { kind: 'none' } }),
    recover: () => recoverInstance(engine, new AbortController().signal),
  };
  benches.push(made);
  return made;
}

const nothingLeft = ({ workspace, instance }: Bench): void => {
  const names = [dirname(workspace), workspace, instance.directories.workingDir].flatMap((path) => readdirSync(path));
  expect(names.filter((name) => name.includes('pawvault'))).toEqual([]);
};

const lockDown = (workspace: string, mode: number): void => {
  chmodSync(join(workspace, 'go/pkg/mod/__pycache__'), mode);
  chmodSync(join(workspace, 'go/pkg/mod'), 0o555);
};

describe.each(READ_ONLY)('directories of mode %o', (mode) => {
  it('are restored over, carried over with their mode, and leave nothing behind', async () => {
    const made = await bench((workspace) => lockDown(workspace, mode));
    await made.restore();
    expect(readFileSync(join(made.workspace, 'AGENTS.md'), 'utf8')).toBe('saved');
    const cache = join(made.workspace, 'go/pkg/mod/__pycache__');
    expect(lstatSync(cache).mode & 0o777).toBe(mode);
    chmodSync(cache, 0o700);
    expect(readFileSync(join(cache, 'x.pyc'), 'utf8')).toBe('left out');
    nothingLeft(made);
  });

  it('are removed with what the backup lacks', async () => {
    const made = await bench((workspace) => {
      mkdirSync(join(workspace, 'vendor/inner'), { recursive: true });
      writeFileSync(join(workspace, 'vendor/inner/file'), 'x');
      chmodSync(join(workspace, 'vendor/inner'), mode | 0o500);
      chmodSync(join(workspace, 'vendor'), 0o555);
    });
    await made.restore();
    expect(readdirSync(made.workspace)).not.toContain('vendor');
    nothingLeft(made);
  });
});

it.each(READ_ONLY)('a cancel after staging with directories of mode %o leaves everything as it was', async (mode) => {
  const made = await bench(
    (workspace) => lockDown(workspace, mode),
    (workspace) => chmodSync(join(workspace, 'go/pkg/mod'), 0o555),
  );
  const cache = join(made.workspace, 'go/pkg/mod/__pycache__');
  const before = [lstatSync(cache).mode, lstatSync(dirname(cache)).mode, lstatSync(dirname(cache)).mtimeMs];
  const job = new RecordedJob();
  job.afterReport = (_count, { phase }) => phase === 'staging' && job.abort.abort(CANCELLED);
  await expect(made.restore(job)).rejects.toBe(CANCELLED);
  expect([lstatSync(cache).mode, lstatSync(dirname(cache)).mode, lstatSync(dirname(cache)).mtimeMs]).toEqual(before);
  expect(readFileSync(join(made.workspace, 'AGENTS.md'), 'utf8')).toBe('since');
  nothingLeft(made);
  await expect(made.recover()).resolves.toEqual({ outcome: 'none' });
});

describe('a workspace that', () => {
  it.each([0o555, 0o500])('is of mode %o itself is restored', async (mode) => {
    const made = await bench((workspace) => chmodSync(workspace, mode));
    await made.restore();
    expect(readFileSync(join(made.workspace, 'AGENTS.md'), 'utf8')).toBe('saved');
    nothingLeft(made);
  });

  it('lies in a directory of mode 0555 is exchanged child by child', async () => {
    const made = await bench((workspace) => chmodSync(dirname(workspace), 0o555));
    const { ino } = lstatSync(made.workspace);
    await made.restore();
    expect(readFileSync(join(made.workspace, 'AGENTS.md'), 'utf8')).toBe('saved');
    if (!isPrivileged) expect(lstatSync(made.workspace).ino).toBe(ino);
    expect(lstatSync(dirname(made.workspace)).mode & 0o777).toBe(0o555);
    nothingLeft(made);
  });

  it('is of mode 0555 in a directory of mode 0555 is restored', async () => {
    const made = await bench((workspace) => [workspace, dirname(workspace)].forEach((path) => chmodSync(path, 0o555)));
    await made.restore();
    expect(readFileSync(join(made.workspace, 'AGENTS.md'), 'utf8')).toBe('saved');
    nothingLeft(made);
  });

  /** Root is not stopped by a mode. */
  const outcome = isPrivileged ? 'is made again' : 'is refused before anything is made';
  it(`is missing from a directory of mode 0555: it ${outcome}`, async () => {
    const made = await bench((workspace) => {
      rmSync(workspace, { recursive: true });
      chmodSync(dirname(workspace), 0o555);
    });
    const parent = dirname(made.workspace);
    const restored = await made.restore().then(
      () => 'done',
      (error: unknown) => (error instanceof DomainError ? [error.code, error.details] : error),
    );
    expect(restored).toEqual(isPrivileged ? 'done' : ['PERMISSION_DENIED', expect.objectContaining({ path: parent })]);
    expect(readdirSync(parent)).toEqual(isPrivileged ? [basename(made.workspace)] : []);
    await expect(made.recover()).resolves.toEqual({ outcome: 'none' });
  });
});

describe('something immutable', () => {
  itMarks('is refused before anything changes, by its path', async () => {
    const made = await bench(() => undefined);
    const marked = join(made.workspace, 'media/picture.png');
    execFileSync('chattr', ['+i', marked]);
    try {
      const before = readTree(made.workspace);
      await expect(made.restore()).rejects.toMatchObject({
        code: 'RESTORE_TARGET_IMMUTABLE',
        details: { path: marked },
      });
      expect(readTree(made.workspace)).toEqual(before);
      nothingLeft(made);
    } finally {
      execFileSync('chattr', ['-i', marked]);
    }
  });
});

describe('what is mounted', () => {
  const mountAt = (path: string, ...options: string[]): void => {
    mkdirSync(path, { recursive: true });
    execFileSync('mount', [...options, path], { stdio: 'pipe' });
    mounts.push(path);
  };
  const tmpfs = (path: string): void => mountAt(path, '-t', 'tmpfs', '-o', 'size=1m', 'tmpfs');

  for (const kind of ['tmpfs', 'bind'])
    for (const path of ['nas', 'media/shares/nas', 'go/pkg/mod/__pycache__/nas', 'media/\u00ff nas'])
      itMounts(`at ${path} (${kind}) stays, and so does what is in it`, async () => {
        const shared = tempDir('shared');
        const made = await bench((workspace) => {
          if (kind === 'tmpfs') tmpfs(join(workspace, path));
          else mountAt(join(workspace, path), '--bind', shared);
          writeFileSync(join(workspace, path, 'file'), 'on the share');
          writeFileSync(join(workspace, 'media/since.png'), 'since');
        });
        await made.restore();
        expect(readFileSync(join(made.workspace, path, 'file'), 'utf8')).toBe('on the share');
        expect(readFileSync(join(made.workspace, 'AGENTS.md'), 'utf8')).toBe('saved');
        expect(readFileSync(join(made.workspace, 'media/picture.png'), 'utf8')).toBe('saved');
        expect(readdirSync(join(made.workspace, 'media'))).not.toContain('since.png');
        nothingLeft(made);
      });

  itMounts('below a directory whose name is no UTF-8 stays', async () => {
    const made = await bench((workspace) => {
      execFileSync('sh', [
        '-c',
        'd="$1/$(printf "odd\\\\377")"; mkdir "$d" "$d/nas"; mount -t tmpfs -o size=1m tmpfs "$d/nas"; echo x > "$d/nas/file"',
        'sh',
        workspace,
      ]);
    });
    try {
      await made.restore();
      expect(readFileSync(join(made.workspace, 'AGENTS.md'), 'utf8')).toBe('saved');
      expect(execFileSync('sh', ['-c', 'cat "$1"/odd*/nas/file', 'sh', made.workspace], { encoding: 'utf8' })).toBe(
        'x\n',
      );
      nothingLeft(made);
    } finally {
      execFileSync('sh', ['-c', 'umount "$1"/odd*/nas', 'sh', made.workspace]);
    }
  });

  itMounts('where the backup has a file stays, and the plan says that the file is not restored', async () => {
    const made = await bench((workspace) => {
      rmSync(join(workspace, 'media/picture.png'));
      tmpfs(join(workspace, 'media/picture.png'));
      writeFileSync(join(workspace, 'media/picture.png/file'), 'on the share');
    });
    const job = new RecordedJob();
    await made.restore(job);
    expect(readFileSync(join(made.workspace, 'media/picture.png/file'), 'utf8')).toBe('on the share');
    expect(readFileSync(join(made.workspace, 'AGENTS.md'), 'utf8')).toBe('saved');
    nothingLeft(made);
  });

  itMounts('where the backup has a file above is refused', async () => {
    const made = await bench((workspace) => {
      rmSync(join(workspace, 'media/picture.png'));
      tmpfs(join(workspace, 'media/picture.png/nas'));
    });
    await expect(made.restore()).rejects.toMatchObject({ code: 'RESTORE_DESTINATION_REFUSED' });
    expect(readFileSync(join(made.workspace, 'AGENTS.md'), 'utf8')).toBe('since');
    nothingLeft(made);
  });
});

describe('another owner', () => {
  itGivesAway('keeps what is his, also what is new beside it', async () => {
    const made = await bench((workspace) => {
      execFileSync('chown', ['-hR', '65534:65534', workspace]);
      rmSync(join(workspace, 'media/picture.png'));
    });
    await made.restore();
    for (const path of ['', 'AGENTS.md', 'media', 'media/picture.png', 'go/pkg/mod'])
      expect({ path, ...ownerOf(join(made.workspace, path)) }).toEqual({ path, uid: 65534, gid: 65534 });
    nothingLeft(made);
  });

  itGivesAway('of one file keeps that file', async () => {
    const made = await bench((workspace) => chownSync(join(workspace, 'AGENTS.md'), 1234, 4321));
    await made.restore();
    expect(ownerOf(join(made.workspace, 'AGENTS.md'))).toEqual({ uid: 1234, gid: 4321 });
    expect(ownerOf(join(made.workspace, 'media/picture.png')).uid).toBe(process.geteuid?.());
  });
});

const ownerOf = (path: string): { uid: number; gid: number } => {
  const { uid, gid } = lstatSync(path);
  return { uid, gid };
};

function canMark(): boolean {
  const path = join(tempDir('chattr'), 'file');
  writeFileSync(path, '');
  try {
    execFileSync('chattr', ['+i', path], { stdio: 'ignore' });
    execFileSync('chattr', ['-i', path], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
