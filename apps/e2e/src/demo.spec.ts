import { type ChildProcessByStdio, execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { descendantsOf, isRunning, neutralEnvironment, removeTestTree } from '@pawvault/testing';
import { DIST } from './spec-support/stack';
import { until } from './spec-support/until';

interface Demo {
  child: ChildProcessByStdio<null, Readable, Readable>;
  output: () => string;
  ended: Promise<number | null>;
}

const started: Demo[] = [];

function startDemo(args: string[], env: Record<string, string> = {}): Demo {
  const child = spawn(process.execPath, [resolve(DIST, 'demo/main.js'), ...args], {
    env: { ...neutralEnvironment(process.env), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const demo = {
    child,
    output: () => said,
    ended: new Promise<number | null>((done) => child.once('close', done)),
  };
  started.push(demo);
  return demo;
}

afterEach(async () => {
  for (const { child } of started) child.kill('SIGTERM');
  await Promise.all(started.splice(0).map(({ ended }) => ended));
});

const match = (text: string, pattern: RegExp): string => pattern.exec(text)?.[1] ?? '';

describe('npm run demo', () => {
  it('shows a whole backup, and ends when it is told to', async () => {
    const demo = startDemo(['--exit', '--keep']);
    expect(await demo.ended).toBe(0);
    const output = demo.output();
    for (const said of [
      /Backup: 100 %/,
      /Verify: 100 %/,
      /Sound: \d+ entries, .* signature valid/,
      /\d+ files +\d.* MB {2}default \(默认助手\)/,
      /Left out by the exclude rules/,
      /data\/workspaces\/ghost\/: missing workspace/,
      /API documentation: http:\/\/127\.0\.0\.1:\d+\/api\/docs/,
    ]) {
      expect(output).toMatch(said);
    }
    const archive = match(output, /Archive: (\S+\.zip)/);
    expect(execFileSync('unzip', ['-tq', archive], { encoding: 'utf8' })).toContain('No errors detected');
    removeTestTree(match(output, /stay in (\S+)/));
  }, 60_000);

  it('serves until Ctrl-C and leaves nothing behind', async () => {
    const demo = startDemo([]);
    await until('it serves', () => demo.output().includes('Serving until Ctrl-C'), 50_000);
    const docs = await fetch(match(demo.output(), /API documentation: (\S+)/));
    expect(docs.status).toBe(200);
    const children = descendantsOf(demo.child.pid ?? 0);
    expect(children.length).toBeGreaterThanOrEqual(3);
    demo.child.kill('SIGINT');
    expect(await demo.ended).toBe(0);
    expect(children.filter(({ pid }) => isRunning(pid))).toEqual([]);
    const root = match(demo.output(), /Removed (\S+)/);
    expect(root).not.toBe('');
    expect(existsSync(root)).toBe(false);
  }, 90_000);

  it('says what went wrong', async () => {
    const demo = startDemo(['--exit'], { TMPDIR: '/nowhere' });
    expect(await demo.ended).toBe(1);
    expect(demo.output()).toMatch(/The demo failed: ENOENT/);
  });
});
