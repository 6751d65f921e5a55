// Runs the built images as an orchestrator does (read-only root file system, no capability, no new privileges, volumes at QwenPaw's paths) and takes
// a backup, destroys the instance and restores it, also into empty volumes. Once as the root of QwenPaw's own image, once as user 1000 on volumes as fsGroup leaves them.
// Needs root, buildah, runc and redis-server. Usage: node tools/try-images.mjs [prefix of the image names]
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { deepStrictEqual, match, ok, strictEqual } from 'node:assert';

const ROOT = resolve(import.meta.dirname, '..');
const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const prefix = process.argv[2] ?? 'localhost/';
const TOKEN = 'a-token-for-trying-the-images';
const VOLUMES = ['working', 'working.secret', 'working.backups'];
const run = (command, ...args) => execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

const FILES = {
  'working/config.json': JSON.stringify({
    agents: {
      active_agent: 'default',
      agent_order: ['default', 'a1B2c3'],
      profiles: Object.fromEntries(
        ['default', 'a1B2c3'].map((id) => [id, { id, workspace_dir: `/app/working/workspaces/${id}`, enabled: true }]),
      ),
    },
  }),
  'working/workspaces/default/agent.json': '{"id":"default","workspace_dir":"/app/working/workspaces/default"}',
  'working/workspaces/default/MEMORY.md': 'The user likes long walks.\n',
  'working/workspaces/a1B2c3/agent.json': '{"id":"a1B2c3","workspace_dir":"/app/working/workspaces/a1B2c3"}',
  'working/workspaces/a1B2c3/media/noise.bin': Buffer.alloc(3_000_000, 'noise of a certain length'),
  'working/skill_pool/weather/SKILL.md': '# Weather\n',
  'working.secret/.master_key': 'f00d'.repeat(16),
  'working.secret/providers/openai.json': '{"api_key":"sk-not-a-real-one"}',
};

function writeInstance(root, { owner, volumeOwner, volumeMode }) {
  for (const [path, content] of Object.entries(FILES)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content, { mode: path.startsWith('working.secret') ? 0o600 : 0o644 });
  }
  mkdirSync(join(root, 'working.backups'));
  run('chown', '-R', owner, root);
  run('chmod', '700', join(root, 'working.secret/providers'));
  for (const volume of VOLUMES) {
    run('chown', volumeOwner, join(root, volume));
    run('chmod', volumeMode, join(root, volume));
  }
}

/** Kind, mode, owner and content of everything in the instance; the backups, PawVault's notes and QwenPaw's lock aside. */
function snapshot(root) {
  const what =
    '( -name .qwenpaw_restore.lock -o -path */working.backups/* -o -path */bundle-* ) -prune -o -type f'.split(' ');
  const files = run('find', root, ...what, '-print')
    .trim()
    .split('\n')
    .sort();
  return files.map((path) => `${run('stat', '-c', '%a %u:%g', path).trim()} ${run('sha256sum', path).trim()}`);
}

class Container {
  constructor(name, root, { user, volumes, env }) {
    const image = JSON.parse(run('buildah', 'inspect', '--type', 'image', `${prefix}pawvault-${name}:${version}`));
    const { config } = image.OCIv1;
    this.health = image.Docker.config.Healthcheck.Test.slice(1);
    this.builder = run('buildah', 'from', '--pull-never', `${prefix}pawvault-${name}:${version}`).trim();
    this.id = `pawvault-try-${name}-${process.pid}`;
    const bundle = join(root, `bundle-${name}`);
    mkdirSync(bundle);
    run('runc', 'spec', '--bundle', bundle);
    const spec = JSON.parse(readFileSync(join(bundle, 'config.json'), 'utf8'));
    const [uid, gid] = (user ?? config.User).split(':').map(Number);
    Object.assign(spec.process, {
      terminal: false,
      user: { uid, gid },
      args: [...config.Entrypoint, ...config.Cmd],
      env: [...config.Env, ...Object.entries(env).map((pair) => pair.join('='))],
      cwd: config.WorkingDir,
      capabilities: { bounding: [], effective: [], permitted: [], inheritable: [], ambient: [] },
      noNewPrivileges: true,
    });
    spec.root = { path: run('buildah', 'mount', this.builder).trim(), readonly: true };
    for (const volume of volumes)
      spec.mounts.push({
        destination: `/app/${volume}`,
        type: 'bind',
        source: join(root, volume),
        options: ['bind', 'rw'],
      });
    spec.linux.namespaces = spec.linux.namespaces.filter(({ type }) => type !== 'network');
    writeFileSync(join(bundle, 'config.json'), JSON.stringify(spec));
    this.process = spawn('runc', ['run', '--bundle', bundle, this.id], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.output = '';
    for (const stream of [this.process.stdout, this.process.stderr]) stream.on('data', (text) => (this.output += text));
    this.exited = once(this.process, 'exit');
  }

  exec(...args) {
    return run('runc', 'exec', this.id, ...args);
  }

  healthy() {
    try {
      this.exec(...this.health);
      return true;
    } catch {
      return false;
    }
  }

  async stop() {
    run('runc', 'kill', this.id, 'TERM');
    const begun = Date.now();
    await this.exited;
    return Date.now() - begun;
  }

  remove() {
    this.process.kill('SIGKILL');
    try {
      run('runc', 'delete', '--force', this.id);
    } catch {
      // It has ended and is gone already.
    }
    run('buildah', 'rm', this.builder);
  }
}

async function until(what, condition) {
  for (let tries = 0; tries < 150; tries++) {
    if (await condition()) return;
    await pause(200);
  }
  throw new Error(`Waited in vain: ${what}`);
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

function client(base) {
  const ask = async (method, path, body) => {
    const headers = { authorization: `Bearer ${TOKEN}`, ...(body ? { 'content-type': 'application/json' } : {}) };
    const response = await fetch(`${base}/api/v1${path}`, {
      method,
      headers,
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const answer = await response.json();
    ok(response.ok, `${method} ${path}: ${JSON.stringify(answer)}`);
    return answer;
  };
  const job = async (path, body) => {
    let view = await ask('POST', path, body);
    await until(`the job of ${path}`, async () => (view = await ask('GET', `/jobs/${view.id}`)).finished_at !== null);
    strictEqual(view.state, 'completed', JSON.stringify(view));
    return view;
  };
  return { ask, job };
}

async function tryAs(variant) {
  const root = mkdtempSync(join(tmpdir(), 'pawvault-images-'));
  const closers = [() => rmSync(root, { recursive: true })];
  try {
    writeInstance(root, variant);
    const [redisPort, port, workerPort] = [await freePort(), await freePort(), await freePort()];
    const redis = spawn('redis-server', ['--port', redisPort, '--bind', '127.0.0.1', '--save', '', '--dir', root]);
    closers.push(() => redis.kill());
    const env = { REDIS_URL: `redis://127.0.0.1:${redisPort}`, PAWVAULT_HOST: '127.0.0.1', PAWVAULT_TOKEN: TOKEN };
    const { user } = variant;
    const worker = new Container('worker', root, {
      user,
      volumes: VOLUMES,
      env: { ...env, PAWVAULT_WORKER_PORT: workerPort },
    });
    closers.push(() => worker.remove());
    const volumes = ['working.backups'];
    const gateway = new Container('gateway', root, { user, volumes, env: { ...env, PAWVAULT_PORT: port } });
    closers.push(() => gateway.remove());
    try {
      await exercise({ root, worker, gateway, port });
    } catch (error) {
      console.error(worker.output, gateway.output);
      throw error;
    }
  } finally {
    for (const close of closers.reverse()) close();
  }
}

/** The page, and the script that it begins with, without a token. */
async function tryConsole(base) {
  const page = await (await fetch(base)).text();
  const [, script] = /<script[^>]* src="([^"]+)"/.exec(page) ?? [];
  ok(script, `the console at ${base}: ${page.slice(0, 200)}`);
  match((await fetch(new URL(script, base))).headers.get('content-type'), /javascript/);
}

async function exercise({ root, worker, gateway, port }) {
  await until('health', () => worker.healthy() && gateway.healthy());
  strictEqual(gateway.exec('ls', '/app').trim(), 'working.backups');
  match(worker.exec('sh', '-c', 'touch /x 2>&1 || true'), /Read-only file system/);
  await tryConsole(`http://127.0.0.1:${port}`);
  const { ask, job } = client(`http://127.0.0.1:${port}`);
  const before = snapshot(root);
  const { backup_id } = await job('/backups', { name: 'from the images', mode: 'full' });
  strictEqual((await job(`/backups/${backup_id}/verify`)).result.state, 'ok');
  rmSync(join(root, 'working/workspaces/default'), { recursive: true });
  rmSync(join(root, 'working/skill_pool'), { recursive: true });
  writeFileSync(join(root, 'working/workspaces/a1B2c3/agent.json'), '{}');
  writeFileSync(join(root, 'working.secret/.master_key'), 'another');
  const restored = await job(`/backups/${backup_id}/restores`, {
    mode: 'full',
    pre_restore_backup: true,
    confirm: true,
  });
  deepStrictEqual(snapshot(root), before);
  strictEqual((await ask('GET', '/backups')).backups.length, 2);
  console.log(`  backup ${backup_id} restored, warnings: ${JSON.stringify(restored.warnings)}`);
  // As on an empty cluster: nothing but the backups is left.
  run('find', join(root, 'working'), join(root, 'working.secret'), '-mindepth', '1', '-delete');
  await job(`/backups/${backup_id}/restores`, { mode: 'full', pre_restore_backup: false, confirm: true });
  deepStrictEqual(snapshot(root), before);
  console.log('  restored into empty volumes');
  console.log(`  stopped: worker in ${await worker.stop()} ms, gateway in ${await gateway.stop()} ms`);
}

const VARIANTS = [
  { name: 'root, like the image of QwenPaw', user: '0:0', owner: '0:0', volumeOwner: '0:0', volumeMode: '755' },
  { name: 'user 1000, volumes of fsGroup 1000', owner: '1000:1000', volumeOwner: '0:1000', volumeMode: '2775' },
];
for (const variant of VARIANTS) {
  console.log(variant.name);
  await tryAs(variant);
}
