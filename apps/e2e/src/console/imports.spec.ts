import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import type { BackupSummary } from '@pawvault/contracts';
import { noise, qwenpawFixture } from '@pawvault/testing';
import type { Page } from 'playwright-core';
import { archivesIn } from '../spec-support/backup-dir';
import { restorableInstance } from '../spec-support/restorable-instance';
import { type Stack, startStack } from '../spec-support/stack';
import { type Fate, unreliableProxy } from '../spec-support/unreliable-proxy';
import { until } from '../spec-support/until';
import { describeInBrowser, expectAccessible, visit } from './browser';

const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name });
const SLOW_BYTES = 48 << 20;

async function upload(page: Page, path: string): Promise<void> {
  await page.getByLabel('Archive').setInputFiles(path);
}

/** As much as a phone sends in a second, so that there is a middle to look at. */
async function slowUploads(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const unbounded = { offline: false, latency: 0, downloadThroughput: -1 };
  await session.send('Network.emulateNetworkConditions', { ...unbounded, uploadThroughput: 4 << 20 });
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
    await slowUploads(page);
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

  it('is never sent again from its beginning, whatever happens to connections, proxies and answers', async () => {
    const place = restorableInstance();
    const stack = await startStack(place);
    const fates: Record<string, Fate[]> = {
      PATCH: [{ breakAfter: 1 << 20 }, { stallAfter: 1 << 20 }, 'lose-answer'],
      HEAD: ['bad-gateway'],
    };
    const isOfUpload = ({ url = '' }: IncomingMessage): boolean => url.startsWith('/api/v1/uploads/');
    const proxy = await unreliableProxy(stack.url, (request) =>
      isOfUpload(request) ? (fates[request.method ?? '']?.shift() ?? 'pass') : 'pass',
    );
    const path = join(place.root, 'large.zip');
    writeFileSync(path, noise('large', 12 << 20));
    const page = await visit({ url: proxy.url, path: '/import' });
    await page.clock.install();
    await upload(page, path);
    await page.getByText('The connection is lost').waitFor();
    const pieces = (): (number | null)[] =>
      proxy.seen.filter(({ method }) => method === 'PATCH').map(({ offset }) => offset);
    await until('it goes on, and stalls', () => pieces().length === 2);
    await until('the silence is noticed', async () => {
      await page.clock.fastForward(10_000);
      return pieces().length > 2;
    });
    await page.getByText('This archive was refused').waitFor();
    expect(
      proxy.seen.filter(({ method, path: asked }) => method === 'POST' && asked === '/api/v1/uploads'),
    ).toHaveLength(1);
    expect(pieces()).toEqual([...pieces()].sort((a, b) => Number(a) - Number(b)));
    expect(pieces()[1]).toBeGreaterThan(0);
  }, 60_000);

  it('goes on while other pages are looked at, and is found again after a reload', async () => {
    const place = restorableInstance();
    const stack = await startStack(place);
    const path = join(place.root, 'large.zip');
    writeFileSync(path, noise('large', SLOW_BYTES));
    const page = await visit({ ...stack, path: '/import' });
    await slowUploads(page);
    await upload(page, path);
    await page.getByRole('link', { name: 'Backups', exact: true }).first().click();
    const row = page.getByRole('link', { name: 'Upload of large.zip' });
    await page.getByText(/^[1-9]\d* %$/).waitFor();
    await expectAccessible(page);
    await row.click();
    await button(page, 'Pause').waitFor();
    const another = await page.context().newPage();
    const looks: string[] = [];
    another.on('request', (request) => looks.push(`${request.method()} ${new URL(request.url()).pathname}`));
    await another.goto('/import');
    await another.getByText('Drop an archive here').waitFor();
    await another.waitForLoadState('networkidle');
    expect(await another.getByText('is not complete').count()).toBe(0);
    expect(looks.filter((look) => look.includes('/uploads/'))).toEqual([]);
    await another.close();
    await page.reload();
    await page.getByText('The upload of large.zip is not complete').waitFor();
    await page.getByText(/^[\d.]+ MB of 50\.3 MB have arrived/).waitFor();
    await expectAccessible(page);
    await button(page, 'Discard the upload').click();
    await page.getByText('The upload of large.zip is not complete').waitFor({ state: 'detached' });
    const left = (): string[] => readdirSync(join(place.backupDir, '.pawvault/uploads'));
    await until('nothing of it is left', () => left().length === 0);
  }, 60_000);

  it('is asked about again when something came in between, and says when it is gone', async () => {
    const place = restorableInstance();
    const stack = await startStack(place);
    const page = await visit({ ...stack, path: '/import' });
    await upload(page, join(place.backupDir, '..', 'working', 'config.json'));
    await page.getByText('This is not a .zip file').waitFor();
    await expectAccessible(page);
    await upload(page, qwenpawFixture('legacy-unsigned.zip'));
    await page.getByRole('checkbox', { name: /I trust it/ }).check();
    copyFileSync(qwenpawFixture('native-trusted.zip'), join(place.backupDir, 'meanwhile.zip'));
    await button(page, 'Import').click();
    await page.getByRole('alert').getByText('A backup with this id exists already').waitFor();
    await page.getByText('Only one of them can stay').waitFor();
    await expectAccessible(page);
    await stack.client.delete(`/api/v1/imports/${page.url().split('/').at(-1)}`);
    await page.getByRole('checkbox', { name: /I trust it/ }).check();
    await page.getByLabel(/^Replace the backup that is here/).check();
    await button(page, 'Replace and import').click();
    await page.getByText('This upload is not here any more').waitFor();
    await expectAccessible(page);
    await page.getByRole('link', { name: 'Upload it again' }).click();
    await page.getByText('Drop an archive here').waitFor();
    expect(archivesIn(place.backupDir)).toEqual(['meanwhile.zip']);
  }, 60_000);
});
