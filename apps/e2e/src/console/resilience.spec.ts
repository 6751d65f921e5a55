import { archivesIn } from '../spec-support/backup-dir';
import { slowInstance } from '../spec-support/slow-instance';
import { startStack } from '../spec-support/stack';
import { until } from '../spec-support/until';
import { describeInBrowser, expectAccessible, visit } from './browser';

/** The worker is taken for dead after 10 s without a sign; others look for its jobs every 5 s, twice. */
const TAKEOVER_MS = 45_000;

describeInBrowser('a job that is watched', () => {
  it('goes on while the page is reloaded, left and found again, and while its worker is killed', async () => {
    const place = slowInstance();
    const stack = await startStack(place);
    const page = await visit({ ...stack, path: '/create' });
    await page.getByRole('button', { name: 'Start backup' }).click();
    const bar = page.getByRole('progressbar', { name: 'Progress of Backup' });
    const percent = async (): Promise<number> => Number(await bar.getAttribute('aria-valuenow'));
    await until('it moves', async () => (await percent()) > 0);
    await expectAccessible(page);
    await page.reload();
    await until('it is there again', async () => (await percent()) > 0);

    await page.getByRole('link', { name: 'Backups', exact: true }).click();
    const running = page.getByRole('region', { name: 'Running now' });
    await running.getByRole('progressbar').waitFor();
    await expectAccessible(page);
    await running.getByRole('link', { name: 'Backup', exact: true }).click();

    process.kill(stack.processOf('worker').pid, 'SIGKILL');
    await page.getByText('The backup is complete').waitFor({ timeout: TAKEOVER_MS });
    expect(archivesIn(place.backupDir)).toHaveLength(1);
  }, 90_000);

  it('says that the connection is lost and goes on by itself, and ends when it is cancelled', async () => {
    const place = slowInstance();
    const stack = await startStack(place);
    const page = await visit({ ...stack, path: '/create' });
    await page.getByRole('button', { name: 'Start backup' }).click();
    await page.getByText('Packing').waitFor();
    await page.context().setOffline(true);
    await page.getByText('Connection lost, retrying').waitFor();
    await page.context().setOffline(false);
    await page.getByText('Connection lost, retrying').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Cancel job' }).click();
    await page.getByText('The job was cancelled').waitFor();
    await expectAccessible(page);
    expect(archivesIn(place.backupDir)).toEqual([]);

    await page.getByRole('link', { name: 'Jobs', exact: true }).first().click();
    await page.getByRole('main').getByText('Cancelled', { exact: true }).waitFor();
    await expectAccessible(page);
  }, 60_000);
});
