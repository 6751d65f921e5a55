import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Role } from '@pawvault/contracts';
import type { Page } from 'playwright-core';
import { archivesIn } from '../spec-support/backup-dir';
import { restorableInstance } from '../spec-support/restorable-instance';
import { type Stack, startStack } from '../spec-support/stack';
import { until } from '../spec-support/until';
import { describeInBrowser, expectAccessible, visit } from './browser';

const TOKEN = 'a-token-of-thirty-two-characters';
const tokenOf = (role: Role): string => `${TOKEN}-of-the-${role}`;
const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
const TOKENS = (['viewer', 'operator', 'admin'] as const).map(
  (role) => `anna-${role}:${role}:${digest(tokenOf(role))}`,
);

const startBackup = (stack: Stack, token: string): Promise<Response> =>
  stack.client.fetch('/api/v1/backups', {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'E2E', mode: 'full' }),
  });

/** A new tab of somebody who knows a token. */
async function enter(stack: Stack, token: string, path = '/'): Promise<Page> {
  const page = await visit({ ...stack, path });
  await page.getByLabel('Token').fill(token);
  await page.getByRole('button', { name: 'Continue' }).click();
  return page;
}

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

    await startBackup(stack, TOKEN);
    await until('the backup is there', () => archivesIn(place.backupDir).length > 0);
    // The list would look by itself, but not so soon.
    await page.reload();
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

describeInBrowser('what a token does not allow', () => {
  const actions = async (page: Page): Promise<string[]> => {
    await page.getByRole('button', { name: 'Actions for E2E' }).click();
    return page.getByRole('menuitem').allInnerTexts();
  };

  it('is not offered', async () => {
    const place = restorableInstance();
    const stack = await startStack(place, { PAWVAULT_TOKEN: TOKEN, PAWVAULT_TOKENS: TOKENS.join(',') });
    expect((await startBackup(stack, tokenOf('operator'))).status).toBe(202);
    await until('the backup is there', () => archivesIn(place.backupDir).length > 0);

    const viewer = await enter(stack, tokenOf('viewer'));
    await viewer.getByRole('link', { name: 'E2E' }).waitFor();
    expect(await viewer.getByRole('link', { name: /^(New backup|Import)$/ }).count()).toBe(0);
    expect(await viewer.getByRole('checkbox').count()).toBe(0);
    expect(await actions(viewer)).toEqual(['Details']);
    await viewer.keyboard.press('Escape');
    await viewer.getByRole('button', { name: 'Settings' }).click();
    await viewer.getByText('anna-viewer: Viewer').waitFor();
    await expectAccessible(viewer);
    const barred = await enter(stack, tokenOf('viewer'), '/create');
    await barred.getByRole('heading', { name: 'Your token does not allow this' }).waitFor();
    await expectAccessible(barred);

    const operator = await enter(stack, tokenOf('operator'));
    await operator.getByRole('link', { name: 'New backup' }).waitFor();
    expect(await actions(operator)).toEqual(['Restore', 'Details', 'Verify', 'Rename', 'Delete']);
    await operator.getByRole('menuitem', { name: 'Restore' }).click();
    await operator.getByRole('button', { name: 'Continue' }).click();
    expect(await operator.getByRole('radio', { name: /^Full/ }).isDisabled()).toBe(true);
    expect(await operator.getByRole('checkbox', { name: 'Secrets' }).isDisabled()).toBe(true);
    expect(await operator.getByText('Your token does not allow this').count()).toBe(2);
    await operator.getByRole('button', { name: 'Continue' }).click();
    await operator.getByRole('button', { name: 'Restore…' }).waitFor();
    await expectAccessible(operator);

    const admin = await enter(stack, TOKEN);
    await admin.getByRole('link', { name: 'E2E' }).waitFor();
    expect(await actions(admin)).toContain('Export');
  }, 60_000);
});
