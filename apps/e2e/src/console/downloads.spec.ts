import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatBackupId, FULL_SCOPE } from '@pawvault/contracts';
import { forgeZip } from '@pawvault/testing';
import type { Page } from 'playwright-core';
import { archivesIn } from '../spec-support/backup-dir';
import { restorableInstance } from '../spec-support/restorable-instance';
import { type Stack, startStack } from '../spec-support/stack';
import { until } from '../spec-support/until';
import { describeInBrowser, expectAccessible, visit } from './browser';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const tokenOf = (role: string): string => `token-of-the-${role}-that-nobody-guesses`;
const ENV = {
  PAWVAULT_TOKEN: tokenOf('admin'),
  PAWVAULT_TOKENS: `the-operator:operator:${sha256(tokenOf('operator'))}`,
};
const AS_ADMIN = { authorization: `Bearer ${tokenOf('admin')}`, 'content-type': 'application/json' };

async function backUp({ client }: Stack, backupDir: string, body: object): Promise<string> {
  const before = archivesIn(backupDir);
  const options = { method: 'POST', headers: AS_ADMIN, body: JSON.stringify(body) };
  expect((await client.fetch('/api/v1/backups', options)).status).toBe(202);
  await until('there is one more', () => archivesIn(backupDir).length > before.length);
  return archivesIn(backupDir).find((name) => !before.includes(name)) ?? '';
}

async function enter(page: Page, role: string): Promise<void> {
  await page.getByLabel('Token').fill(tokenOf(role));
  await page.getByRole('button', { name: 'Continue' }).click();
}

/** What the browser saved to the disk. */
async function saved(page: Page, start: () => Promise<void>): Promise<Buffer> {
  const [download] = await Promise.all([page.waitForEvent('download'), start()]);
  return readFileSync(await download.path());
}

const actionsFor = (page: Page, name: string): Promise<void> =>
  page.getByRole('button', { name: `Actions for ${name}` }).click();

async function exportOf(page: Page, name: string): Promise<void> {
  await actionsFor(page, name);
  await page.getByRole('menuitem', { name: 'Export' }).click();
}

const SLY = formatBackupId('1.1.9', new Date('2026-01-01T00:00:00Z'), '0000000a');

/** One that has secrets, and does not tell. */
function slyArchive(): Buffer {
  const meta = {
    id: SLY,
    name: 'Says nothing of secrets',
    description: '',
    created_at: '2026-01-01T00:00:00Z',
    version: '1',
    scope: { ...FULL_SCOPE, include_secrets: false },
    agent_count: 0,
    qwenpaw_version: '1.1.9',
    system_info: {},
    accepted_via_trust: null,
  };
  return forgeZip([
    { name: 'meta.json', content: JSON.stringify(meta) },
    { name: 'data/secrets/envs.json', content: '{}' },
  ]);
}

describeInBrowser('a download', () => {
  it('is saved as it lies on the disk for who may have it, and refused with the reason to others', async () => {
    const place = restorableInstance();
    const stack = await startStack(place, ENV);
    const full = await backUp(stack, place.backupDir, { name: 'All of it', mode: 'full' });
    const scope = { include_agents: true, include_global_config: true, include_skill_pool: true };
    const partial = await backUp(stack, place.backupDir, { name: 'No secrets', mode: 'partial', agents: 'all', scope });
    writeFileSync(join(place.backupDir, `${SLY}.zip`), slyArchive());
    const onDisk = (name: string): Buffer => readFileSync(join(place.backupDir, name));

    const page = await visit(stack);
    await enter(page, 'operator');
    expect((await saved(page, () => exportOf(page, 'No secrets'))).equals(onDisk(partial))).toBe(true);
    await page.getByText('The download of “No secrets” has started').waitFor();
    await actionsFor(page, 'All of it');
    expect(await page.getByRole('menuitem').allInnerTexts()).not.toContain('Export');
    await page.keyboard.press('Escape');
    await exportOf(page, 'Says nothing of secrets');
    await page.getByText('Your token does not allow this').waitFor();
    await expectAccessible(page);

    const other = await visit(stack);
    await enter(other, 'admin');
    expect((await saved(other, () => exportOf(other, 'All of it'))).equals(onDisk(full))).toBe(true);
    await other.getByText('The file contains secrets').waitFor();
    await expectAccessible(other);
    await other.getByRole('link', { name: 'No secrets' }).click();
    for (const folder of ['data', 'workspaces', 'default'])
      await other.getByRole('button', { name: `Folder ${folder}`, exact: true }).click();
    const file = await saved(other, () => other.getByRole('link', { name: 'Download AGENTS.md' }).click());
    expect(file.toString()).toBe('# Rules\n');
  }, 60_000);
});
