// The rights under which the suites run again when they are started as root: what root is not refused hides faults that every container shows.
import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The uid of an unprivileged account on Debian; any other that owns neither the repository nor a capability does as well. */
const ORDINARY_USER = 65534;

const WITHOUT_CAPABILITIES = ['--bounding-set', '-all', '--inh-caps', '-all', '--ambient-caps', '-all'];

const ROOT = { name: 'root', uid: 0 };
const WITHOUT = { name: 'root without capabilities', uid: 0, setpriv: WITHOUT_CAPABILITIES };
const ORDINARY = {
  name: 'an ordinary user',
  uid: ORDINARY_USER,
  setpriv: ['--reuid', `${ORDINARY_USER}`, '--regid', `${ORDINARY_USER}`, '--clear-groups', ...WITHOUT_CAPABILITIES],
};

/**
 * @returns `here`, the name of the rights of this process; `strict`, whether no test may be skipped under them; `others`,
 *   the rights that this process can give to a child; and `leftOut`, the names of those that it cannot give
 */
export function rightsHere() {
  if (process.platform !== 'linux') return { here: process.platform, strict: false, others: [], leftOut: [] };
  const names = (list) => list.map(({ name }) => name);
  if (process.geteuid() !== 0)
    return { here: ORDINARY.name, strict: false, others: [], leftOut: names([ROOT, WITHOUT]) };
  if (effectiveCapabilities() === '0')
    return { here: WITHOUT.name, strict: false, others: [], leftOut: names([ROOT, ORDINARY]) };
  return { here: ROOT.name, strict: true, others: [WITHOUT, ORDINARY], leftOut: [] };
}

const effectiveCapabilities = () =>
  /^CapEff:\s*0*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '';

/**
 * Where a process of these rights works: a home, a directory for temporary files and a cache of its own, which `remove` deletes.
 * `command` puts what it takes before a program and `root` is the repository as that process sees it.
 * @throws with the reason if such a process cannot be started, still has a capability, or cannot read the repository
 */
export function placeFor({ uid, setpriv }, repository) {
  const directory = mkdtempSync(join(tmpdir(), 'pawvault-rights-'));
  const remove = () => rmSync(directory, { recursive: true, force: true });
  try {
    const folders = Object.fromEntries(['home', 'tmp', 'cache'].map((name) => [name, join(directory, name)]));
    for (const path of Object.values(folders)) mkdirSync(path);
    for (const path of [directory, ...Object.values(folders)]) chownSync(path, uid, uid);
    chmodSync(directory, 0o755);
    const env = { ...process.env, HOME: folders.home, TMPDIR: folders.tmp };
    return { ...reachable({ setpriv, uid, env, repository, directory }), env, cache: folders.cache, directory, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

/** The repository itself, or, below a directory that is closed to this user, a mount of it that only the children see. */
function reachable({ setpriv, uid, env, repository, directory }) {
  const direct = { root: repository, command: (program) => ['setpriv', ...setpriv, ...program] };
  const refusal = probe(direct, { uid, env });
  if (refusal === null) return direct;
  const root = join(directory, 'repository');
  mkdirSync(root);
  const script = 'mount --bind "$0" "$1" && cd "$1" && shift && exec setpriv "$@"';
  const mounted = {
    root,
    command: (program) => ['unshare', '--mount', 'sh', '-c', script, repository, root, ...setpriv, ...program],
  };
  if (probe(mounted, { uid, env }) !== null) throw new Error(refusal);
  return mounted;
}

/** @returns null, or why a process of these rights cannot run the suites */
function probe({ root, command }, { uid, env }) {
  const script = `
    const { accessSync, readFileSync, writeFileSync } = require('node:fs');
    const status = readFileSync('/proc/self/status', 'utf8');
    if (!/^Cap(Eff|Prm):\\s*0+$/m.test(status) || !/^CapBnd:\\s*0+$/m.test(status)) throw new Error('capabilities are left');
    if (process.geteuid() !== ${uid}) throw new Error('another user');
    accessSync(${JSON.stringify(join(root, 'package.json'))}, 4);
    writeFileSync(process.env.HOME + '/probe', '');`;
  const [program, ...args] = command([process.execPath, '-e', script]);
  const { status, error, stderr } = spawnSync(program, args, { env, encoding: 'utf8' });
  if (error !== undefined) return error.message;
  return status === 0 ? null : stderr.trim();
}
