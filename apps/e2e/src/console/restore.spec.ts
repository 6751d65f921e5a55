import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BackupSummary } from '@pawvault/contracts';
import { qwenpawFixture } from '@pawvault/testing';
import type { Page } from 'playwright-core';
import { restorableInstance, stateOf, wreck } from '../spec-support/restorable-instance';
import { type Stack, startStack } from '../spec-support/stack';
import { describeInBrowser, expectAccessible, visit } from './browser';

const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name });

async function oneBackup(stack: Stack): Promise<string> {
  const { result } = await stack.ended(await stack.startBackup());
  return result?.backup_id ?? '';
}

/** From the first step to the last but the dialog. */
async function preview(page: Page): Promise<void> {
  await button(page, 'Continue').click();
  await button(page, 'Continue').click();
  await button(page, 'Restore…').waitFor();
}

async function confirm(page: Page): Promise<void> {
  await button(page, 'Restore…').click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('Either all of this happens or nothing of it').waitFor();
  expect(await dialog.getByRole('button', { name: 'Restore now' }).isDisabled()).toBe(true);
  await expectAccessible(page);
  await dialog.getByRole('checkbox').check();
  await dialog.getByRole('button', { name: 'Restore now' }).click();
}

describeInBrowser('a restore', () => {
  it('is previewed, confirmed, followed and undone', async () => {
    const place = restorableInstance();
    const stack = await startStack(place);
    const before = stateOf(place);
    const id = await oneBackup(stack);
    wreck(place);
    const wrecked = stateOf(place);
    const page = await visit({ ...stack, path: `/backups/${id}/restore` });
    expect(await page.getByRole('checkbox', { name: /Back up the present state first/ }).isChecked()).toBe(true);
    await expectAccessible(page);
    await button(page, 'Continue').click();
    expect(await page.getByRole('radio', { name: /^Full/ }).isChecked()).toBe(true);
    await expectAccessible(page);
    await button(page, 'Continue').click();
    const pool = page.getByRole('row', { name: /Skill pool/ });
    await pool.waitFor();
    expect(await pool.getByRole('cell').allTextContents()).toEqual([expect.any(String), '2', '0', '1', '0']);
    await page.getByText('QwenPaw has to be restarted afterwards.').waitFor();
    await button(page, '1 agent leaves the list of agents').click();
    await page.getByText(/newcomer: /).waitFor();
    await expectAccessible(page);
    await confirm(page);
    await page.getByText('The restore is complete').waitFor();
    await page.getByText('Restart QwenPaw now').waitFor();
    await expectAccessible(page);
    expect(stateOf(place)).toMatchObject(before);

    await page.getByRole('link', { name: 'Undo this restore' }).click();
    await page.getByText('This backup was made right before a restore.').waitFor();
    await preview(page);
    await confirm(page);
    await page.getByText('The restore is complete').waitFor();
    expect(stateOf(place)).toMatchObject(wrecked);
  }, 90_000);

  it('of one agent without a way back leaves everything else to the byte', async () => {
    const place = restorableInstance();
    const stack = await startStack(place);
    const id = await oneBackup(stack);
    wreck(place);
    const { secretDir, workingDir } = place;
    const untouched = (): string[] =>
      [join(secretDir, '.master_key'), join(workingDir, 'skill_pool/gossip/run.sh')].map((path) =>
        readFileSync(path, 'utf8'),
      );
    const kept = untouched();
    const page = await visit({ ...stack, path: `/backups/${id}/restore` });
    await page.getByRole('checkbox', { name: /Back up the present state first/ }).click();
    await page.getByText('There will be no way back').waitFor();
    await expectAccessible(page);
    await button(page, 'Continue').click();
    await page.getByRole('radio', { name: /^Custom/ }).click();
    await page.getByLabel('Search agents').fill('writer');
    await button(page, 'None').click();
    await page.getByLabel('Search agents').fill('');
    for (const name of ['Global settings', 'Skill pool']) await page.getByLabel(name).uncheck();
    expect(await page.getByLabel('Secrets').isChecked()).toBe(false);
    await page.getByText('1 of 2 selected').waitFor();
    await button(page, 'None').click();
    await page.getByText('Select at least one agent or module.').waitFor();
    expect(await button(page, 'Continue').isDisabled()).toBe(true);
    await page.getByLabel(/^Agent default/).check();
    await button(page, 'Continue').click();
    await page.getByRole('row', { name: /Agent default/ }).waitFor();
    await confirm(page);
    await page.getByText('The restore is complete').waitFor();
    expect(readFileSync(join(place.workspace, 'AGENTS.md'), 'utf8')).toBe('# Rules\n');
    expect(untouched()).toEqual(kept);
    const { backups } = await stack.client.get<{ backups: BackupSummary[] }>('/api/v1/backups');
    expect(backups).toHaveLength(1);
  }, 90_000);

  it('of an archive from elsewhere asks whether it is trusted, and is found again after a reload', async () => {
    const place = restorableInstance();
    mkdirSync(place.backupDir, { recursive: true });
    copyFileSync(qwenpawFixture('foreign-full.zip'), join(place.backupDir, 'foreign-full.zip'));
    const stack = await startStack(place);
    const page = await visit(stack);
    await page
      .getByText('Foreign')
      .or(page.getByText('Signed', { exact: true }))
      .first()
      .waitFor();
    await page.getByRole('button', { name: /^Actions for/ }).click();
    await page.getByRole('menuitem', { name: 'Restore' }).click();
    await button(page, 'Continue').click();
    await page.getByLabel('Keep those of this instance (recommended)').waitFor();
    await button(page, 'Continue').click();
    await page.getByText('This archive comes from another installation').waitFor();
    expect(await button(page, 'Trust it and go on').isDisabled()).toBe(true);
    await expectAccessible(page);
    await page.getByRole('checkbox', { name: /I trust it/ }).check();
    await button(page, 'Trust it and go on').click();
    await confirm(page);
    await page.waitForURL(/\/jobs\//);
    await page.reload();
    await page.getByText('The restore is complete').waitFor();
    await expectAccessible(page);
  }, 90_000);

  it('is refused when something has changed since the preview, and a new one is at hand', async () => {
    const place = restorableInstance();
    const stack = await startStack(place);
    const id = await oneBackup(stack);
    const page = await visit({ ...stack, path: `/backups/${id}/restore` });
    await preview(page);
    writeFileSync(join(place.workspace, 'AGENTS.md'), 'Written meanwhile.');
    await confirm(page);
    await page.getByText('The instance has changed since the preview').waitFor();
    expect(readFileSync(join(place.workspace, 'AGENTS.md'), 'utf8')).toBe('Written meanwhile.');
    await expectAccessible(page);
    await page.getByRole('link', { name: 'Look at a new preview' }).click();
    await preview(page);
    await confirm(page);
    await page.getByText('The restore is complete').waitFor();
    expect(readFileSync(join(place.workspace, 'AGENTS.md'), 'utf8')).toBe('# Rules\n');
  }, 90_000);
});
