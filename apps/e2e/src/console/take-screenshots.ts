import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CHROMIUM, type HttpClient, httpClient, sampleInstance, startStandalone, tempDir } from '@pawvault/testing';
import type { JobView } from '@pawvault/contracts';
import { chromium, type Page } from 'playwright-core';
import { until } from '../spec-support/until';

const ROOT = resolve(__dirname, '../../../..');
const PICTURES = join(ROOT, 'docs/images');

const BACKUPS = [
  { name: 'Every agent, before the move', mode: 'full' },
  { name: '重写记忆之前', mode: 'partial', description: 'Only the agents and their skills' },
  { name: 'Before the upgrade to 1.2', mode: 'full', description: 'To be able to go back tonight' },
];

async function done(client: HttpClient, { id }: JobView): Promise<void> {
  await until(`job ${id}`, async () => (await client.get<JobView>(`/api/v1/jobs/${id}`)).finished_at !== null);
}

/** The pictures of the README, from the sample instance: `npm run screenshots`. */
async function main(): Promise<void> {
  const root = tempDir('screenshots');
  const { env, directories } = sampleInstance(root, { database: 'none' });
  const stack = await startStandalone({
    program: join(ROOT, 'dist/apps/standalone/main.js'),
    env: { ...env, HOME: root, PAWVAULT_STATE_DIR: join(root, 'state'), QWENPAW_VERSION: '1.1.9' },
  });
  const client = httpClient(stack.url);
  for (const body of BACKUPS) await done(client, await client.post('/api/v1/backups', body));
  const { backups } = await client.get<{ backups: [{ id: string }] }>('/api/v1/backups');
  await done(client, await client.post(`/api/v1/backups/${backups[0].id}/verify`));
  writeFileSync(join(directories.workingDir, 'workspaces/default/AGENTS.md'), 'Something else.');
  const browser = await chromium.launch({ executablePath: CHROMIUM ?? '', args: ['--no-sandbox'] });
  const open = async (path: string, size: { width: number; height: number }, dark = false): Promise<Page> => {
    const page = await browser.newPage({
      baseURL: stack.url,
      viewport: size,
      colorScheme: dark ? 'dark' : 'light',
      locale: 'en-GB',
      reducedMotion: 'reduce',
    });
    await page.goto(path);
    return page;
  };
  const take = (page: Page, name: string): Promise<unknown> => page.screenshot({ path: join(PICTURES, `${name}.png`) });
  mkdirSync(PICTURES, { recursive: true });

  const list = await open('/', { width: 1160, height: 440 });
  await list.getByText('Before the upgrade').waitFor();
  await take(list, 'backups');

  const restore = await open(`/backups/${backups[0].id}/restore`, { width: 1160, height: 840 });
  for (const _step of ['safety', 'choice']) await restore.getByRole('button', { name: 'Continue' }).click();
  await restore.getByRole('button', { name: 'Restore…' }).waitFor();
  await take(restore, 'restore-preview');

  const phone = await open('/', { width: 390, height: 700 }, true);
  await phone.getByText('Before the upgrade').waitFor();
  await take(phone, 'phone');
  await browser.close();
  await stack.stop();
}

main().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exit(1);
});
