import { tempDir } from '@pawvault/testing';
import type { Page, Response } from 'playwright-core';
import { writeBackups } from '../spec-support/many-backups';
import { placeOf } from '../spec-support/slow-instance';
import { startStack } from '../spec-support/stack';
import { until } from '../spec-support/until';
import { describeInBrowser, expectAccessible, visit } from './browser';

const COUNT = 1000;
/** Rows that fit into sight with some above and below. */
const DRAWN_AT_MOST = 60;

const rowsOf = (page: Page): Promise<number> => page.getByRole('row').count();

/** As somebody who drags the bar down, until the oldest is in sight. */
async function scrollToEnd(page: Page): Promise<void> {
  await until('the oldest is in sight', async () => {
    await page.evaluate('window.scrollTo(0, document.body.scrollHeight)');
    return (await page.getByRole('link', { name: 'Backup 1', exact: true }).count()) > 0;
  });
}

describeInBrowser('a thousand backups', () => {
  it('are one table, of which only what is in sight is drawn, and cards on a phone', async () => {
    const place = placeOf(tempDir('console'));
    writeBackups(place.backupDir, COUNT);
    const stack = await startStack(place);
    const page = await visit(stack);
    await page.getByText(`${COUNT} backups`).waitFor();
    expect(await rowsOf(page)).toBeLessThan(DRAWN_AT_MOST);
    await scrollToEnd(page);
    expect(await page.getByRole('table').getAttribute('aria-rowcount')).toBe(String(COUNT + 1));
    expect(await rowsOf(page)).toBeLessThan(DRAWN_AT_MOST);
    await expectAccessible(page);

    await page.getByRole('button', { name: 'Created' }).click();
    await page.getByRole('link', { name: 'Backup 1', exact: true }).waitFor();
    await page.getByLabel('Search backups').fill('Backup 777');
    await page.getByRole('link', { name: 'Backup 777' }).waitFor();
    await page.getByText('1 backup', { exact: true }).waitFor();

    const phone = await visit({ ...stack, options: { viewport: { width: 390, height: 844 }, colorScheme: 'dark' } });
    await phone.getByRole('listitem').first().waitFor();
    expect(await phone.getByRole('listitem').count()).toBeLessThan(DRAWN_AT_MOST);
    await expectAccessible(phone);
    await scrollToEnd(phone);
    expect(await phone.evaluate('document.documentElement.scrollWidth')).toBe(390);
  }, 60_000);
});

describeInBrowser('the first visit', () => {
  it('loads less than 300 kB of script, one language, and nothing from anywhere else', async () => {
    const stack = await startStack(placeOf(tempDir('console')));
    const page = await visit({ ...stack, path: '/health/live' });
    const answered: Response[] = [];
    page.on('response', (response) => answered.push(response));
    await page.goto('/');
    await page.getByRole('heading', { name: 'No backups yet' }).waitFor();
    const scripts = answered.filter((response) => response.request().resourceType() === 'script');
    const sizes = await Promise.all(scripts.map((response) => response.request().sizes()));
    const bytes = sizes.reduce((sum, { responseBodySize }) => sum + responseBodySize, 0);
    expect(bytes).toBeGreaterThan(50_000);
    expect(bytes).toBeLessThan(300_000);
    const names = scripts.map((response) => response.url());
    expect(names.filter((name) => name.includes('english'))).toHaveLength(1);
    expect(names.filter((name) => /chinese|tus/.test(name))).toEqual([]);
    expect(answered.filter((response) => !response.url().startsWith(stack.url))).toEqual([]);
  }, 60_000);
});

describeInBrowser('the language', () => {
  it('is that of the browser until another is chosen, which is then kept', async () => {
    const stack = await startStack(placeOf(tempDir('console')));
    const page = await visit({ ...stack, options: { locale: 'zh-CN' } });
    await page.getByRole('heading', { name: '还没有备份' }).waitFor();
    expect(await page.getAttribute('html', 'lang')).toBe('zh');
    await page.getByRole('button', { name: '设置' }).click();
    await expectAccessible(page);
    await page.getByRole('menuitem', { name: 'English' }).click();
    await page.getByRole('heading', { name: 'No backups yet' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'No backups yet' }).waitFor();
  }, 60_000);
});
