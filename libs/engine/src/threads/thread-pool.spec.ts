import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from '@pawvault/testing';
import { located } from '../spec-support/located-file';
import { threadEntry } from './thread-entry';
import { ThreadPool } from './thread-pool';

/** A thread program that answers tasks as `behaviour` says: the body of a function of the request. */
function program(behaviour: string): string {
  const path = join(tempDir('thread'), 'thread.js');
  writeFileSync(
    path,
    `const { parentPort } = require('node:worker_threads');
     parentPort.on('message', (request) => { const answer = (output) => parentPort.postMessage({ id: request.id, output }); ${behaviour} });`,
  );
  return path;
}

const input = { fd: 0, position: 0, length: 0, level: 1, last: true };
const run = (pool: ThreadPool, position = 0): Promise<unknown> => pool.run('deflate-block', { ...input, position });

describe('ThreadPool', () => {
  it('answers every task with its own output, more than there are threads', async () => {
    const pool = new ThreadPool(program('answer(request.input.position * 2)'), 2);
    const outputs = await Promise.all(Array.from({ length: 50 }, (_, i) => run(pool, i)));
    expect(outputs).toEqual(Array.from({ length: 50 }, (_, i) => i * 2));
    await pool.close();
  });

  it('keeps the errno of a failed system call and the code of a refusal', async () => {
    const pool = new ThreadPool(threadEntry(), 1);
    const gone = pool.run('capture-sqlite', { at: located('/etc/hostname'), workDir: '/nowhere/work' });
    await expect(gone).rejects.toMatchObject({
      code: 'ENOENT',
      errno: -2,
      path: expect.stringContaining('/nowhere') as string,
    });
    await pool.close();
  });

  it('fails the tasks of a thread that dies, and goes on with another', async () => {
    const pool = new ThreadPool(program('if (request.input.position === 13) process.exit(1); else answer(7)'), 1);
    const doomed = run(pool, 13);
    const behind = run(pool).catch(() => 'lost with its thread');
    await expect(doomed).rejects.toThrow();
    await behind;
    await expect(run(pool)).resolves.toBe(7);
    await pool.close();
  });

  it('fails tasks when the thread program throws or cannot be loaded, without hanging', async () => {
    const throwing = new ThreadPool(program('throw new Error("defect")'), 1);
    await expect(run(throwing)).rejects.toThrow('defect');
    await throwing.close();
    const missing = new ThreadPool(join(tempDir('thread'), 'missing.js'), 2);
    await expect(Promise.all([run(missing), run(missing), run(missing)])).rejects.toThrow();
    await missing.close();
  });

  it('fails all tasks when it is closed, running, waiting and new ones', async () => {
    const pool = new ThreadPool(program('/* never answers */'), 1);
    const tasks = [run(pool), run(pool), run(pool), run(pool)].map((task) =>
      task.catch((error: Error) => error.message),
    );
    await pool.close();
    const messages = await Promise.all(tasks);
    expect(messages).toHaveLength(4);
    for (const message of messages) expect(message).toMatch(/ended|closed/);
    await expect(run(pool)).rejects.toThrow('closed');
  });
});
