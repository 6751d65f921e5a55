import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BackupSummary } from '@pawvault/contracts';
import { noise, qwenpawFixture } from '@pawvault/testing';
import type { Page } from 'playwright-core';
import { archivesIn } from '../spec-support/backup-dir';
import { restorableInstance } from '../spec-support/restorable-instance';
import { type Stack, startStack } from '../spec-support/stack';
import { until } from '../spec-support/until';
import { describeInBrowser, expectAccessible, visit } from './browser';

const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name });
const SLOW_BYTES = 48 << 20;

async function upload(page: Page, path: string): Promise<void> {
  await page.getByLabel('Archive').setInputFiles(path);
}

const backupsOf = async (stack: Stack): Promise<BackupSummary[]> =>
  (await stack.client.get<{ backups: BackupSummary[] }>('/api/v1/backups')).backups;

describeInBrowser('an import', () => {
  it('of a backup that exists asks before it replaces it, without another upload', async () => {
    const place = restorableInstance();
    const stack = await startStack(place);
    await stack.ended(await stack.startBackup());
    const [name = ''] = archivesIn(place.backupDir);
    const copy = join(place.root, 'copy of it.zip');
    copyFileSync(join(place.backupDir, name), copy);
    const page = await visit({ ...stack, path: '/import' });
    await expectAccessible(page);
    await upload(page, copy);
    await page.getByText('A backup with the same id exists already').waitFor();
    await page.getByRole('cell', { name: 'E2E' }).first().waitFor();
    expect(await button(page, 'Replace and import').isDisabled()).toBe(true);
    await expectAccessible(page);
    await page.reload();
    await page.getByLabel(/^Replace the backup that is here/).check();
    await button(page, 'Replace and import').click();
    await page.getByText('The archive is one of your backups now').waitFor();
    await expectAccessible(page);
    await page.getByRole('link', { name: 'Show backup' }).click();
    await page.getByRole('heading', { name: 'E2E' }).waitFor();
    expect(archivesIn(place.backupDir)).toEqual([name]);
  }, 60_000);

  it('of an archive from elsewhere says what trust means, and takes it over once it is trusted', async () => {
    const place = restorableInstance();
    const stack = await startStack(place);
    for (const [archive, title] of [
      ['legacy-unsigned.zip', 'Nothing proves who made this archive'],
      ['foreign-full.zip', 'This archive comes from another installation'],
    ] as const) {
      const page = await visit({ ...stack, path: '/import' });
      await upload(page, qwenpawFixture(archive));
      await page.getByText(title).waitFor();
      expect(await button(page, 'Import').isDisabled()).toBe(true);
      await expectAccessible(page);
      await page.getByRole('link', { name: 'Backups', exact: true }).click();
      const waiting = page.getByRole('region', { name: 'Waiting for you' });
      await waiting.getByText('Needs your decision').waitFor();
      await expectAccessible(page);
      expect(await backupsOf(stack)).toHaveLength(archive === 'legacy-unsigned.zip' ? 0 : 1);
      await waiting.getByRole('link').click();
      await page.getByRole('checkbox', { name: /I trust it/ }).check();
      await button(page, 'Import').click();
      await page.getByText('The archive is one of your backups now').waitFor();
    }
    const imported = await backupsOf(stack);
    expect(imported.map(({ trust, accepted_via_trust }) => [trust, accepted_via_trust])).toEqual([
      [expect.stringMatching(/valid|unchecked/), true],
      [expect.stringMatching(/valid|unchecked/), true],
    ]);
  }, 60_000);

  it('of anything else is refused with the check that failed and why', async () => {
    const place = restorableInstance();
    const stack = await startStack(place);
    const path = join(place.root, 'holiday.zip');
    const sound = readFileSync(qwenpawFixture('native-full.zip'));
    sound.writeUInt8(sound.readUInt8(200) ^ 1, 200);
    writeFileSync(path, sound);
    const page = await visit({ ...stack, path: '/import' });
    await upload(page, path);
    await page.getByText('This archive was refused').waitFor();
    await page.getByRole('img', { name: 'Failed' }).waitFor();
    expect(await page.getByRole('img', { name: 'Passed' }).count()).toBeGreaterThan(0);
    await expectAccessible(page);
    await button(page, 'Discard the upload').click();
    await page.getByText('Drop an archive here').waitFor();
    expect(archivesIn(place.backupDir)).toEqual([]);
  }, 60_000);

  it('goes on where it stopped: after a pause, and after the page was loaded again', async () => {
    const place = restorableInstance();
    const stack = await startStack(place);
    const path = join(place.root, 'large.zip');
    writeFileSync(path, noise('large', SLOW_BYTES));
    const page = await visit({ ...stack, path: '/import' });
    const session = await page.context().newCDPSession(page);
    await session.send('Network.emulateNetworkConditions', {
      offline: false,
      latency: 0,
      downloadThroughput: -1,
      uploadThroughput: 4 << 20,
    });
    const sent: number[] = [];
    page.on('request', (request) => {
      if (request.method() === 'PATCH') sent.push(Number(request.headers()['upload-offset']));
    });
    await upload(page, path);
    const bar = page.getByRole('progressbar', { name: 'Upload of large.zip' });
    const percent = async (): Promise<number> => Number(await bar.getAttribute('aria-valuenow'));
    await until('some of it is sent', async () => (await percent()) > 10);
    await expectAccessible(page);
    await button(page, 'Pause').click();
    await page.getByText(/· paused/).waitFor();
    await button(page, 'Go on').click();
    await until('more of it is sent', async () => (await percent()) > 30);
    await page.reload();
    await upload(page, path);
    await page.getByText('This archive was refused').waitFor({ timeout: 30_000 });
    expect(sent).toHaveLength(3);
    expect(sent[0]).toBe(0);
    expect(sent[1]).toBeGreaterThan(0);
    expect(sent[2]).toBeGreaterThan(sent[1] ?? 0);
  }, 90_000);
});
