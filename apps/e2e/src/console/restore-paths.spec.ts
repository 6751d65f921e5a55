import { copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BackupDetail, JobView, PlannedPath, RestorePlan, RestoreResult } from '@pawvault/contracts';
import { qwenpawFixture } from '@pawvault/testing';
import type { Page } from 'playwright-core';
import { restorableInstance, wreck } from '../spec-support/restorable-instance';
import { type Stack, startStack } from '../spec-support/stack';
import { until } from '../spec-support/until';
import { describeInBrowser, expectAccessible, visit } from './browser';

const PHONE = { viewport: { width: 390, height: 844 }, colorScheme: 'dark' } as const;
/** Rows that fit into sight with some above and below. */
const DRAWN_AT_MOST = 60;

const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name });
const items = (page: Page) => page.getByRole('dialog').getByRole('listitem');

async function oneBackup(stack: Stack): Promise<string> {
  const job = await stack.client.post<JobView<'backup.create'>>('/api/v1/backups', { name: 'Sound', mode: 'full' });
  return (await stack.ended(job)).result?.backup_id ?? '';
}

async function preview(page: Page): Promise<void> {
  await button(page, 'Continue').click();
  await button(page, 'Continue').click();
  await button(page, 'Restore…').waitFor();
}

async function confirm(page: Page): Promise<void> {
  await button(page, 'Restore…').click();
  await page.getByRole('dialog').getByRole('checkbox').check();
  await button(page, 'Restore now').click();
  await page.getByText('The restore is complete').waitFor();
}

/** Lets the page see another answer than the one that the gateway gave. */
async function alter<Answer>(page: Page, address: string, change: (answer: Answer) => void): Promise<void> {
  await page.route(address, async (route) => {
    const response = await route.fetch();
    const answer = (await response.json()) as Answer;
    change(answer);
    await route.fulfill({ response, json: answer });
  });
}

describeInBrowser('the paths of a restore', () => {
  it('are opened where they are counted, what is removed first, and found by their names', async () => {
    const place = restorableInstance();
    const stack = await startStack(place);
    const id = await oneBackup(stack);
    wreck(place);
    const page = await visit({ ...stack, path: `/backups/${id}/restore` });
    await preview(page);
    await page.getByText('2 files are removed').waitFor();
    await expectAccessible(page);
    await button(page, 'Show them').click();
    await items(page).first().waitFor();
    expect(await items(page).allTextContents()).toEqual([
      'sessions/today.jsonAgent default',
      'gossip/run.shSkill pool',
    ]);
    expect(await page.getByRole('tab').allTextContents()).toEqual(['2 Removed', '3 Changed', '4 Added', '0 Kept']);
    await expectAccessible(page);

    await page.getByRole('tab', { name: /Removed/ }).focus();
    await page.keyboard.press('ArrowRight');
    await page.getByText('config.json', { exact: true }).waitFor();
    await expectAccessible(page);
    await page.getByLabel('Search paths').fill('SKILL');
    await page.getByRole('tab', { name: '1 Added' }).click();
    await items(page).first().waitFor();
    expect(await items(page).allTextContents()).toEqual(['weather/SKILL.mdSkill pool']);
    await page.getByLabel('Search paths').fill('no such path');
    await page.getByText('No path to show.').waitFor();
    await expectAccessible(page);
    await page.keyboard.press('Escape');
    await page.locator(':focus').and(button(page, 'Show them')).waitFor();

    await button(page, 'Added 2: show the files of Skill pool').click();
    await page.getByRole('dialog', { name: 'Files of Skill pool' }).waitFor();
    await items(page).first().waitFor();
    expect(await items(page).allTextContents()).toEqual(['weather/SKILL.md', 'weather/run.sh']);
    await page.keyboard.press('Escape');

    await button(page, 'Restore…').click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('2 files are removed:').waitFor();
    await dialog.getByText('sessions/today.json').waitFor();
    await expectAccessible(page);
    await page.keyboard.press('Escape');
    await confirm(page);
    await button(page, '2 files removed').click();
    await items(page).first().waitFor();
    expect(await items(page).allTextContents()).toEqual([
      'sessions/today.jsonAgent default',
      'gossip/run.shSkill pool',
    ]);
    await expectAccessible(page);

    rmSync(join(place.backupDir, '.pawvault/plans'), { recursive: true });
    await page.reload();
    await button(page, '3 changed').click();
    await page.getByText('This list is no longer kept.').waitFor();
    await expectAccessible(page);
  }, 90_000);

  it('of which there are thousands are loaded while they are scrolled, and searched, on a phone', async () => {
    const place = restorableInstance();
    const stack = await startStack(place);
    const id = await oneBackup(stack);
    const many = 2500;
    mkdirSync(join(place.workspace, 'many'));
    for (let n = 0; n < many; n += 1) writeFileSync(join(place.workspace, `many/${String(n).padStart(4, '0')}.md`), '');
    const page = await visit({ ...stack, path: `/backups/${id}/restore`, options: PHONE });
    await preview(page);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    await expectAccessible(page);
    await button(page, 'Show them').click();
    await page.getByText('many/0000.md').waitFor();
    await page.getByRole('tab', { name: '2,500 Removed' }).waitFor();
    expect(await items(page).count()).toBeLessThan(DRAWN_AT_MOST);
    await expectAccessible(page);
    const list = page.getByRole('group', { name: 'Removed' });
    await until('the last is in sight', async () => {
      await list.press('End');
      return (await page.getByText('many/2499.md').count()) > 0;
    });
    expect(await items(page).count()).toBeLessThan(DRAWN_AT_MOST);
    expect(await items(page).last().getAttribute('aria-setsize')).toBe(String(many));
    await page.getByLabel('Search paths').fill('1234');
    await page.getByRole('tab', { name: '1 Removed' }).waitFor();
    expect(await items(page).allTextContents()).toEqual(['many/1234.mdAgent default']);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    await button(page, 'Close').click();
    await button(page, /^Removed 2,500/).click();
    await page.getByRole('dialog', { name: 'Files of Agent default' }).waitFor();
    await page.getByText('many/0000.md').waitFor();
    await button(page, 'Close').click();
    await button(page, 'Restore…').click();
    await page.getByText('and 2,495 more').waitFor();
    await expectAccessible(page);
  }, 90_000);

  it('that stay say why', async () => {
    const place = restorableInstance();
    const stack = await startStack(place);
    const id = await oneBackup(stack);
    const kept = (path: string, other: Partial<PlannedPath>): PlannedPath => ({
      module: 'agents',
      agent: 'default',
      path,
      change: 'carried',
      reason: 'excluded',
      detail: null,
      kept_as: null,
      ...other,
    });
    const page = await visit({ ...stack, path: `/backups/${id}/restore` });
    await alter<RestorePlan>(page, '**/restore-plan', (plan) => {
      plan.paths.push(
        kept('notes.tmp', { detail: '*.tmp', kept_as: 'notes.tmp.kept' }),
        kept('run/agent.sock', { reason: 'omitted', detail: 'special_file' }),
        kept('media/nas/', { reason: 'mount' }),
        kept('inner/', { reason: 'place' }),
        kept('a\nb', { reason: 'omitted', detail: 'in words' }),
        kept('.master_key', { module: 'secrets', agent: null, reason: 'master_key' }),
      );
      plan.path_counts.carried = 6;
    });
    await preview(page);
    expect(await page.getByText('files are removed').count()).toBe(0);
    await button(page, '6 kept').click();
    await items(page).first().waitFor();
    expect(await items(page).allTextContents()).toEqual([
      'notes.tmpAgent default · Left out of backups by the rule *.tmp · Afterwards at notes.tmp.kept',
      'run/agent.sockAgent default · No backup can hold it: A socket, pipe or device',
      'media/nas/Agent default · Another disk is mounted here',
      'inner/Agent default · It belongs to something else, as another agent',
      'a␊bAgent default · No backup can hold it: in words',
      '.master_keySecrets · The backup has no key; this one stays',
    ]);
    await expectAccessible(page);
  }, 60_000);

  it('that backups leave out are removed on request, after a new preview', async () => {
    const place = restorableInstance();
    const stack = await startStack(place);
    const scratch = join(place.workspace, 'scratch.tmp');
    writeFileSync(scratch, 'x');
    const id = await oneBackup(stack);
    const page = await visit({ ...stack, path: `/backups/${id}/restore` });
    await preview(page);
    const clean = page.getByRole('checkbox', { name: 'Also remove files that backups leave out' });
    expect(await clean.isChecked()).toBe(false);
    await button(page, '1 kept').click();
    await items(page).first().waitFor();
    expect(await items(page).allTextContents()).toEqual([
      'scratch.tmpAgent default · Left out of backups by the rule *.tmp',
    ]);
    await page.keyboard.press('Escape');
    expect(await page.getByRole('checkbox', { name: 'Make links that lead outside' }).count()).toBe(0);
    const asked = page.waitForRequest('**/restore-plan');
    await clean.check();
    expect((await asked).postDataJSON()).toMatchObject({ clean: true });
    await page.locator('[aria-busy=false]').waitFor();
    await page.locator(':focus').and(clean).waitFor();
    await page.getByText('1 file is removed').waitFor();
    await expectAccessible(page);
    await button(page, 'Show it').click();
    await items(page).first().waitFor();
    expect(await items(page).allTextContents()).toEqual([
      'scratch.tmpAgent default · Left out of backups by the rule *.tmp',
    ]);
    await page.keyboard.press('Escape');
    await button(page, 'Restore…').click();
    await page.getByRole('dialog').getByText('scratch.tmp').waitFor();
    await page.keyboard.press('Escape');
    const started = page.waitForRequest('**/restores');
    await confirm(page);
    expect((await started).postDataJSON()).toMatchObject({ clean: true });
    expect(existsSync(scratch)).toBe(false);
  }, 60_000);

  it('that lead out of an archive from elsewhere are a question, and named when they were not made', async () => {
    const place = restorableInstance();
    mkdirSync(place.backupDir, { recursive: true });
    copyFileSync(qwenpawFixture('foreign-full.zip'), join(place.backupDir, 'foreign-full.zip'));
    const stack = await startStack(place);
    const { backups } = await stack.client.get<{ backups: BackupDetail[] }>('/api/v1/backups');
    const page = await visit({ ...stack, path: `/backups/${backups[0]?.id}/restore` });
    await button(page, 'Continue').click();
    await button(page, 'Continue').click();
    await page.getByRole('checkbox', { name: /I trust it/ }).check();
    await button(page, 'Trust it and go on').click();
    const links = page.getByRole('checkbox', { name: 'Make links that lead outside' });
    await links.waitFor();
    expect(await links.isChecked()).toBe(false);
    await expectAccessible(page);
    const asked = page.waitForRequest('**/restore-plan');
    await links.check();
    expect((await asked).postDataJSON()).toMatchObject({ outward_links: 'keep' });
    await page.locator('[aria-busy=false]').waitFor();
    await alter<JobView & { result: RestoreResult | null }>(page, '**/api/v1/jobs/e-*', ({ result }) => {
      if (result !== null) result.links_not_made = ['default/current -> /opt/models'];
    });
    await confirm(page);
    await page.getByText('Links that lead outside, not made').waitFor();
    await page.getByText('default/current -> /opt/models').waitFor();
    await expectAccessible(page);
  }, 60_000);
});
