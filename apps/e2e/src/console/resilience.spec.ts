import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { archivesIn } from '../spec-support/backup-dir';
import { restorableInstance } from '../spec-support/restorable-instance';
import { slowInstance } from '../spec-support/slow-instance';
import { startStack } from '../spec-support/stack';
import { until } from '../spec-support/until';
import { describeInBrowser, expectAccessible, visit } from './browser';

/** The worker is taken for dead after 10 s without a sign; others look for its jobs every 5 s, twice. */
const TAKEOVER_MS = 45_000;
const TOKEN = 'a-token-of-thirty-two-characters';

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

describeInBrowser('a gateway that wants a token', () => {
  it('is given one by the tab, which keeps it until it is closed', async () => {
    const place = restorableInstance();
    const stack = await startStack(place, { PAWVAULT_TOKEN: TOKEN });
    const page = await visit(stack);
    await page.getByLabel('Token').fill('wrong-token-of-thirty-two-charac');
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByText('This token is not accepted').waitFor();
    await page.getByLabel('Token').fill(TOKEN);
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('heading', { name: 'No backups yet' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'No backups yet' }).waitFor();

    await stack.client.fetch('/api/v1/backups', {
      method: 'POST',
      headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'E2E', mode: 'full' }),
    });
    await page.getByRole('link', { name: 'E2E' }).waitFor();
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Actions for E2E' }).click();
    await page.getByRole('menuitem', { name: 'Export' }).click();
    const [name = ''] = archivesIn(place.backupDir);
    const exported = readFileSync(await (await download).path());
    expect(exported.equals(readFileSync(join(place.backupDir, name)))).toBe(true);

    const other = await visit(stack);
    await other.getByLabel('Token').waitFor();

    await page.getByRole('button', { name: 'Settings' }).click();
    await page.getByRole('menuitem', { name: 'Forget the token' }).click();
    await page.getByLabel('Token').waitFor();
  }, 60_000);
});
