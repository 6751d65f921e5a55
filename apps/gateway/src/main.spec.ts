import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { tempDir } from '@pawvault/testing';
import { sharedRedis } from './spec-support/bench';

const REGISTER = resolve(__dirname, '../../../tools/ts-register.cjs');

describe('the process', () => {
  let child: ChildProcess;
  let output = '';

  function start(env: NodeJS.ProcessEnv): void {
    const root = tempDir('gateway');
    output = '';
    const own = {
      QWENPAW_WORKING_DIR: join(root, 'working'),
      PAWVAULT_PORT: '0',
      PATH: process.env['PATH'],
      HOME: root,
    };
    child = fork(resolve(__dirname, 'main.ts'), { execArgv: ['-r', REGISTER], env: { ...own, ...env }, silent: true });
    child.stdout?.on('data', (piece) => (output += String(piece)));
    child.stderr?.on('data', (piece) => (output += String(piece)));
  }

  afterEach(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
  });

  it('says where it listens, and ends with its parent', async () => {
    start({ REDIS_URL: (await sharedRedis()).url });
    const [message] = (await once(child, 'message')) as [{ type: string; url: string }];
    expect(message).toEqual({ type: 'ready', url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/) });
    expect((await fetch(`${message.url}/health/live`)).status).toBe(200);
    const exit = once(child, 'exit');
    child.disconnect();
    expect(await exit).toEqual([0, null]);
  });

  it('ends on SIGTERM though a client keeps its connection', async () => {
    start({ REDIS_URL: (await sharedRedis()).url });
    const [message] = (await once(child, 'message')) as [{ url: string }];
    await (await fetch(`${message.url}/api/v1/backups`)).json();
    const exit = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await exit).toEqual([0, null]);
  });

  it.each([
    [{}, 'REDIS_URL'],
    [{ REDIS_URL: 'redis://127.0.0.1:1', PAWVAULT_HOST: '0.0.0.0' }, 'PAWVAULT_TOKEN'],
    [{ REDIS_URL: 'redis://127.0.0.1:1', PAWVAULT_PROT: '1' }, 'PAWVAULT_PROT'],
  ])('does not start with a configuration that is not valid', async (env, key) => {
    start(env);
    expect((await once(child, 'exit'))[0]).toBe(1);
    expect(output).toContain('CONFIG_INVALID');
    expect(output).toContain(key);
  });
});
