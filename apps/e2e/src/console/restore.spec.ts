import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BackupScope, BackupSummary, JobView } from '@pawvault/contracts';
import { qwenpawFixture } from '@pawvault/testing';
import type { Page } from 'playwright-core';
import { archivesIn, unfinishedIn } from '../spec-support/backup-dir';
import { restorableInstance, stateOf, wreck } from '../spec-support/restorable-instance';
import { slowInstance } from '../spec-support/slow-instance';
import { type Stack, startStack } from '../spec-support/stack';
import { describeInBrowser, expectAccessible, visit } from './browser';

const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name });

const SETTINGS: BackupScope = {
  include_agents: false,
  include_global_config: true,
  include_skill_pool: false,
  include_secrets: false,
};

async function oneBackup(stack: Stack, body: object = { mode: 'full' }): Promise<string> {
  const job = await stack.client.post<JobView<'backup.create'>>('/api/v1/backups', { name: 'Sound', ...body });
  const { result } = await stack.ended(job);
  return result?.backup_id ?? '';
}

/** From the first step to the last but the dialog. */
async function preview(page: Page): Promise<void> {
  await button(page, 'Continue').click();
  await button(page, 'Continue').click();
  await button(page, 'Restore…').waitFor();
}

/** @param look at the dialog, before it is answered */
async function confirm(page: Page, look?: (page: Page) => Promise<void>): Promise<void> {
  await button(page, 'Restore…').click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('Either all of this happens or nothing of it').waitFor();
  expect(await dialog.getByRole('button', { name: 'Restore now' }).isDisabled()).toBe(true);
  await look?.(page);
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
    expect(await pool.getByRole('cell').allTextContents()).toEqual([
      expect.any(String),
      '1',
      '0',
      '2',
      '0',
      '0',
      '13 B',
    ]);
    await page.getByText('QwenPaw has to be restarted afterwards.').waitFor();
    await button(page, '1 agent leaves the list of agents').click();
    await page.getByText(/newcomer: /).waitFor();
    await expectAccessible(page);
    await confirm(page, expectAccessible);
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
    for (const name of ['foreign-full.zip', 'legacy-unsigned.zip'] as const)
      copyFileSync(qwenpawFixture(name), join(place.backupDir, name));
    const stack = await startStack(place);
    const page = await visit(stack);
    await page
      .getByText('Foreign')
      .or(page.getByText('Signed', { exact: true }))
      .first()
      .waitFor();
    await page.getByRole('button', { name: 'Actions for from another machine' }).click();
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

    await page.goto('/');
    await page.getByRole('button', { name: /^Actions for 全量 backup/ }).click();
    await page.getByRole('menuitem', { name: 'Restore' }).click();
    await button(page, 'Continue').click();
    await button(page, 'Continue').click();
    await page.getByText('Nothing proves who made this archive').waitFor();
    await page.getByRole('checkbox', { name: /I trust it/ }).check();
    await button(page, 'Trust it and go on').click();
    await button(page, 'Restore…').waitFor();
  }, 90_000);

  it('is refused when something has changed since the preview, and a new one of the same choice is at hand', async () => {
    const place = restorableInstance();
    const stack = await startStack(place);
    const id = await oneBackup(stack);
    const page = await visit({ ...stack, path: `/backups/${id}/restore` });
    await button(page, 'Continue').click();
    await page.getByRole('radio', { name: /^Custom/ }).click();
    await page.getByLabel(/^Agent writer/).uncheck();
    await button(page, 'Continue').click();
    await button(page, 'Restore…').waitFor();
    writeFileSync(join(place.workspace, 'AGENTS.md'), 'Written meanwhile.');
    await confirm(page);
    await page.getByText('The instance has changed since the preview').waitFor();
    expect(readFileSync(join(place.workspace, 'AGENTS.md'), 'utf8')).toBe('Written meanwhile.');
    await expectAccessible(page);
    await page.getByRole('link', { name: 'Look at a new preview' }).click();
    await page.getByRole('row', { name: /Agent default/ }).waitFor();
    expect(await page.getByRole('row', { name: /Agent writer/ }).count()).toBe(0);
    await confirm(page);
    await page.getByText('The restore is complete').waitFor();
    expect(readFileSync(join(place.workspace, 'AGENTS.md'), 'utf8')).toBe('# Rules\n');
  }, 90_000);

  it('is found again in the middle by a reload, and cancelled there changes nothing', async () => {
    // Its backup is made at once, the full one before the restore takes seconds.
    const place = slowInstance();
    const stack = await startStack(place);
    const id = await oneBackup(stack, { mode: 'partial', scope: SETTINGS, agents: [] });
    const config = join(place.root, 'working/config.json');
    const changed = readFileSync(config, 'utf8').replace('{', '{"language":"zh",');
    writeFileSync(config, changed);
    const page = await visit({ ...stack, path: `/backups/${id}/restore` });
    await preview(page);
    await button(page, '1 setting will differ').click();
    await page.getByText('language', { exact: true }).waitFor();
    await confirm(page);
    await page.waitForURL(/\/jobs\//);
    await page.reload();
    await page.getByText(/^Backing up first/).waitFor();
    await button(page, 'Cancel job').click();
    await page.getByText('The job was cancelled. Nothing was changed by it.').waitFor();
    expect(await page.getByRole('progressbar').count()).toBe(0);
    expect(readFileSync(config, 'utf8')).toBe(changed);
    expect(archivesIn(place.backupDir)).toEqual([`${id}.zip`]);
    expect(unfinishedIn(place.backupDir)).toEqual([]);
    await page.getByRole('link', { name: 'Look at a new preview' }).click();
    await page.getByRole('checkbox', { name: /Back up the present state first/ }).waitFor();
  }, 90_000);

  it('in full is there on the day when config.json is broken', async () => {
    const place = restorableInstance();
    const stack = await startStack(place);
    const id = await oneBackup(stack);
    const config = join(place.workingDir, 'config.json');
    writeFileSync(config, '{"agents": ');
    const page = await visit({ ...stack, path: `/backups/${id}/restore` });
    await page.getByText('The config.json of the instance cannot be read').waitFor();
    const first = page.getByRole('checkbox', { name: /Back up the present state first/ });
    expect([await first.isChecked(), await first.isDisabled()]).toEqual([false, true]);
    await button(page, 'Continue').click();
    expect(await page.getByRole('radio', { name: /^Custom/ }).isDisabled()).toBe(true);
    await expectAccessible(page);
    await button(page, 'Continue').click();
    await button(page, 'Restore…').waitFor();
    await confirm(page);
    await page.getByText('The restore is complete').waitFor();
    expect(JSON.parse(readFileSync(config, 'utf8'))).toMatchObject({
      language: 'zh',
      agents: { profiles: { default: { workspace_dir: place.workspace } } },
    });
  }, 90_000);

  it('of a damaged backup takes the agents that are sound, and nothing that is not', async () => {
    const place = restorableInstance();
    const stack = await startStack(place);
    const id = await oneBackup(stack);
    damage(join(place.backupDir, `${id}.zip`), 'data/skill_pool/weather/SKILL.md');
    expect((await stack.ended(await stack.client.post<JobView>(`/api/v1/backups/${id}/verify`))).result).toMatchObject({
      state: 'damaged',
    });
    wreck(place);
    const wrecked = stateOf(place);
    const page = await visit({ ...stack, path: `/backups/${id}/restore` });
    await page.getByText('This backup is damaged').waitFor();
    await button(page, 'Continue').click();
    expect(await page.getByRole('radio', { name: /^Full/ }).isDisabled()).toBe(true);
    await expectAccessible(page);
    await page.getByLabel('Global settings').uncheck();
    await button(page, 'Continue').click();
    await confirm(page);
    await page.getByText('The archive of this backup cannot be read').waitFor();
    expect(stateOf(place)).toEqual(wrecked);
    await page.getByRole('link', { name: 'Look at a new preview' }).click();
    await button(page, 'Back').click();
    await page.getByLabel('Skill pool').uncheck();
    await button(page, 'Continue').click();
    await confirm(page);
    await page.getByText('The restore is complete').waitFor();
    expect(readFileSync(join(place.workspace, 'AGENTS.md'), 'utf8')).toBe('# Rules\n');
  }, 90_000);

  it('is done by keyboard alone, which goes along from step to step', async () => {
    const place = restorableInstance();
    const stack = await startStack(place);
    const id = await oneBackup(stack);
    writeFileSync(join(place.workspace, 'AGENTS.md'), 'Forget everything.');
    const page = await visit({ ...stack, path: `/backups/${id}/restore` });
    const press = async (name: string): Promise<void> => {
      await button(page, name).focus();
      await page.keyboard.press('Enter');
    };
    const focused = (role: 'region' | 'checkbox', name: string | RegExp) =>
      page.locator(':focus').and(page.getByRole(role, { name }));
    await press('Continue');
    await focused('region', 'Choice').waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('ArrowDown');
    expect(await page.getByRole('radio', { name: /^Custom/ }).isChecked()).toBe(true);
    await press('Continue');
    await focused('region', 'Preview').waitFor();
    await button(page, 'Restore…').waitFor();
    await press('Restore…');
    await focused('checkbox', /^I understand/).waitFor();
    await page.keyboard.press('Escape');
    await page.locator(':focus').and(button(page, 'Restore…')).waitFor();
    await page.keyboard.press('Enter');
    await focused('checkbox', /^I understand/).waitFor();
    await page.keyboard.press('Space');
    for (const _button of ['Cancel', 'Restore now']) await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByText('The restore is complete').waitFor();
    expect(readFileSync(join(place.workspace, 'AGENTS.md'), 'utf8')).toBe('# Rules\n');
  }, 90_000);
});

/** One flipped bit in the content of an entry, found by the name in its local header. */
function damage(archive: string, entry: string): void {
  const bytes = readFileSync(archive);
  const name = bytes.indexOf(entry);
  const extra = bytes.readUInt16LE(name - 2);
  const at = name + entry.length + extra;
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
  writeFileSync(archive, bytes);
}
