import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sampleInstance, tempDir } from '@pawvault/testing';
import type { Page } from 'playwright-core';
import { archivesIn } from '../spec-support/backup-dir';
import { type Place, placeOf } from '../spec-support/slow-instance';
import { type Stack, startStack } from '../spec-support/stack';
import { describeInBrowser, expectAccessible, visit } from './browser';

/** Ended by the end of a test; every test begins with an instance and no backups. */
async function sampleStack(): Promise<{ place: Place; stack: Stack }> {
  const root = tempDir('console');
  const { env, directories } = sampleInstance(root, { database: 'none' });
  const place = { ...placeOf(root), backupDir: directories.backupDir };
  place.env = { ...place.env, ...env };
  return { place, stack: await startStack(place) };
}

const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name });
const link = (page: Page, name: string | RegExp) => page.getByRole('link', { name });
const heading = (page: Page, name: string | RegExp) => page.getByRole('heading', { name });

async function chooseAction(page: Page, backup: string, action: string): Promise<void> {
  await button(page, `Actions for ${backup}`).click();
  await page.getByRole('menuitem', { name: action }).click();
}

describeInBrowser('the backups', () => {
  it('are made, looked at, verified, renamed, found and deleted', async () => {
    const { place, stack } = await sampleStack();
    const page = await visit(stack);
    await heading(page, 'No backups yet').waitFor();
    await expectAccessible(page);

    await link(page, 'Make the first backup').click();
    await page.getByText('This backup will contain sensitive content').waitFor();
    await expectAccessible(page);
    await page.getByLabel('Name').fill('Before the upgrade');
    await page.getByLabel('Description').fill('To go back to');
    await button(page, 'Start backup').click();
    await page.getByText('The backup is complete').waitFor();
    await expectAccessible(page);
    expect(archivesIn(place.backupDir)).toHaveLength(1);

    await link(page, 'Show backup').click();
    await heading(page, 'Before the upgrade').waitFor();
    await page.getByRole('cell', { name: /^Settings$/ }).waitFor();
    await expectAccessible(page);
    await button(page, 'Actions').click();
    await page.getByRole('menuitem', { name: 'Verify' }).click();
    await page.getByText('Every file was read and is as it was saved.').waitFor();
    await expectAccessible(page);

    await link(page, 'Backups').click();
    await page.getByText('Verified', { exact: true }).waitFor();
    await expectAccessible(page);
    await chooseAction(page, 'Before the upgrade', 'Rename');
    await page.getByRole('dialog').getByLabel('Name').fill('旧版本');
    await expectAccessible(page);
    await button(page, 'Save').click();
    await link(page, '旧版本').waitFor();

    await page.getByLabel('Search backups').fill('nothing like it');
    await heading(page, 'No backup matches').waitFor();
    await page.getByLabel('Search backups').fill('旧版');
    await link(page, '旧版本').waitFor();

    await chooseAction(page, '旧版本', 'Delete');
    await page.getByText('This cannot be undone').waitFor();
    await expectAccessible(page);
    await button(page, 'Cancel').click();
    expect(archivesIn(place.backupDir)).toHaveLength(1);
    await page.getByLabel('Search backups').fill('');
    await page.getByLabel('Select 旧版本').check();
    await button(page, 'Delete').click();
    await button(page, 'Delete backup').click();
    await heading(page, 'No backups yet').waitFor();
    expect(archivesIn(place.backupDir)).toEqual([]);
  }, 60_000);

  it('of a selection take what is ticked, and are browsed down to single files', async () => {
    const { place, stack } = await sampleStack();
    const page = await visit({ ...stack, path: '/create' });
    await page.getByRole('radio', { name: 'A selection' }).click();
    expect(await page.getByText('This backup will contain sensitive content').count()).toBe(0);
    const agents = page.getByRole('group', { name: 'Agents' }).first();
    await agents.getByLabel('Search agents').fill('default');
    await button(page, 'None').click();
    await agents.getByLabel('Search agents').fill('');
    await page.getByLabel(/^Secrets/).check();
    await page.getByText('This backup will contain sensitive content').waitFor();
    await page.getByLabel(/^Secrets/).uncheck();
    await expectAccessible(page);
    await button(page, 'Start backup').click();
    await link(page, 'Show backup').click();
    const [{ scope }] = (await stack.client.get<{ backups: [{ scope: object }] }>('/api/v1/backups')).backups;
    expect(scope).toEqual({
      include_agents: true,
      include_global_config: true,
      include_secrets: false,
      include_skill_pool: true,
    });

    for (const folder of ['data', 'workspaces']) await button(page, `Folder ${folder}`).click();
    expect(await button(page, 'Folder default').count()).toBe(0);
    await button(page, /^Folder /)
      .first()
      .click();
    const download = page.waitForEvent('download');
    await link(page, 'Download AGENTS.md').click();
    const saved = readFileSync(await (await download).path(), 'utf8');
    expect(saved.length).toBeGreaterThan(0);
    expect(archivesIn(place.backupDir)).toHaveLength(1);
  }, 60_000);

  it('are exported as they lie on the disk', async () => {
    const { place, stack } = await sampleStack();
    await stack.ended(await stack.startBackup());
    const page = await visit(stack);
    const download = page.waitForEvent('download');
    await chooseAction(page, 'E2E', 'Export');
    const exported = await download;
    const [name = ''] = archivesIn(place.backupDir);
    expect(exported.suggestedFilename()).toBe(name);
    expect(readFileSync(await exported.path()).equals(readFileSync(join(place.backupDir, name)))).toBe(true);
  }, 60_000);

  it('and files that are none are told apart, with the reason', async () => {
    const { place, stack } = await sampleStack();
    await stack.ended(await stack.startBackup());
    writeFileSync(join(place.backupDir, 'notes.zip'), 'no zip at all');
    const page = await visit(stack);
    const notice = page.getByRole('alert').filter({ hasText: '1 file that is no readable backup' });
    await notice.getByText('notes.zip').waitFor();
    await notice.getByText(/ARCHIVE_NOT_ZIP/).waitFor();
    await expectAccessible(page);
  }, 60_000);
});
