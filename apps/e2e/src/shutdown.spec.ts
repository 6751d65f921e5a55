import { descendantsOf, isRunning } from '@pawvault/testing';
import { archivesIn, unfinishedIn } from './spec-support/backup-dir';
import { slowInstance } from './spec-support/slow-instance';
import { inTheMiddle, startStack } from './spec-support/stack';
import { until } from './spec-support/until';

describe('npm start', () => {
  it('ends all that it started, and takes up the job again that was running', async () => {
    const place = slowInstance();
    const first = await startStack(place);
    const children = descendantsOf(first.pid);
    expect(children.map(({ command }) => /redis-server|apps\/\w+/.exec(command)?.[0]).sort()).toEqual([
      'apps/gateway',
      'apps/worker',
      'redis-server',
    ]);
    const job = await first.startBackup();
    await inTheMiddle(first, job);
    expect(await first.stop('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(children.filter(({ pid }) => isRunning(pid))).toEqual([]);
    expect(archivesIn(place.backupDir)).toEqual([]);
    expect(unfinishedIn(place.backupDir)).toEqual([]);

    const second = await startStack(place);
    const done = await second.ended(job);
    expect(done).toMatchObject({ id: job.id, state: 'completed' });
    expect(archivesIn(place.backupDir)).toEqual([`${done.result?.backup_id}.zip`]);
  }, 60_000);

  it('leaves no process behind when it is killed itself', async () => {
    const stack = await startStack(slowInstance());
    const children = descendantsOf(stack.pid);
    expect(children).toHaveLength(3);
    await stack.stop('SIGKILL');
    await until('its children have ended', () => children.every(({ pid }) => !isRunning(pid)));
  }, 60_000);
});
