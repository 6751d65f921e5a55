import { DomainError } from '@pawvault/contracts';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockState } from './index';
import { processIdentity } from './process-identity';

let directory: string;
let lock: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'pawvault-lock-'));
  lock = join(directory, 'deep', 'lock');
});
afterEach(() => rm(directory, { recursive: true }));

const codeOf = (attempt: Promise<unknown>) =>
  attempt.then(
    () => 'taken',
    (error: unknown) => (error instanceof DomainError ? error.code : error),
  );

it('is held by one at a time and can be taken again', async () => {
  const release = await lockState(lock);
  expect(await codeOf(lockState(lock))).toBe('STATE_DIR_IN_USE');
  await release();
  await (
    await lockState(lock)
  )();
  expect(await readdir(join(directory, 'deep'))).toHaveLength(1);
});

it('names the holder', async () => {
  const release = await lockState(lock);
  await expect(lockState(lock)).rejects.toMatchObject({ details: { pid: process.pid } });
  await release();
});

it('is taken over from a process that died', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => 0, 1000)']);
  await once(child, 'spawn');
  const identity = await processIdentity(child.pid ?? 0);
  expect(identity).not.toBeNull();
  await (
    await lockState(lock)
  )();
  await writeFile(`${lock}.9`, JSON.stringify({ pid: child.pid, identity }));
  expect(await codeOf(lockState(lock))).toBe('STATE_DIR_IN_USE');
  child.kill('SIGKILL');
  await once(child, 'exit');
  await (
    await lockState(lock)
  )();
});

it.each([
  ['a later process with the same pid', JSON.stringify({ pid: process.pid, identity: 'of another boot' })],
  ['half a file', '{"pid": 1'],
  ['nothing', ''],
])('is taken over when the file speaks of %s', async (_case, text) => {
  await (
    await lockState(lock)
  )();
  await writeFile(`${lock}.9`, text);
  await (
    await lockState(lock)
  )();
});

it('goes to exactly one of many who find the same dead holder', async () => {
  await (
    await lockState(lock)
  )();
  for (let round = 0; round < 50; round++) {
    const attempts = await Promise.allSettled(Array.from({ length: 8 }, () => lockState(lock)));
    const taken = attempts.flatMap((attempt) => (attempt.status === 'fulfilled' ? [attempt.value] : []));
    expect(taken).toHaveLength(1);
    await taken[0]?.();
  }
  expect(await readdir(join(directory, 'deep'))).toHaveLength(1);
});
