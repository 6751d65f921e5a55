import { CHROMIUM, skippedGroup } from '@pawvault/testing';
import { source as axe } from 'axe-core';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

/** For tests of the console. */
export const describeInBrowser = CHROMIUM === null ? skippedGroup('needs Chromium') : describe;

export interface Visit {
  /** Of the gateway. */
  url: string;
  path?: string;
  options?: BrowserContextOptions;
}

/** What a page reported that it should not have: exceptions, refused styles and scripts, failed assertions of React. */
const complaints: string[] = [];
let browser: Browser | null = null;

/** Opens a page of its own, as a new visitor who reads English. It closes at the end of the test by itself. */
export async function visit({ url, path = '/', options = {} }: Visit): Promise<Page> {
  browser ??= await chromium.launch({ executablePath: CHROMIUM ?? '', args: ['--no-sandbox', '--disable-gpu'] });
  const context = await browser.newContext({
    baseURL: url,
    locale: 'en-GB',
    // Colours in the middle of a transition are nobody's choice.
    reducedMotion: 'reduce',
    ...options,
  });
  context.setDefaultTimeout(20_000);
  const page = await context.newPage();
  page.on('pageerror', (error) => complaints.push(error.stack ?? error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !isExpected(message.text())) complaints.push(message.text());
  });
  await page.goto(path);
  return page;
}

/** A browser writes every answer of 400 and above to its console; whether one was right is for the test to say. */
const isExpected = (text: string): boolean => /^Failed to load resource: /.test(text);

afterEach(async () => {
  await Promise.all((browser?.contexts() ?? []).map((context) => context.close()));
  expect(complaints.splice(0)).toEqual([]);
});

afterAll(async () => browser?.close());

interface Violation {
  id: string;
  impact: string | null;
  nodes: { target: unknown; failureSummary?: string }[];
}

/** No rule of axe that is serious or critical is broken by what the page shows now. */
export async function expectAccessible(page: Page): Promise<void> {
  await page.evaluate(axe);
  const violations = await page.evaluate(async (): Promise<Violation[]> => {
    const { axe: checker } = globalThis as unknown as { axe: { run: () => Promise<{ violations: Violation[] }> } };
    return (await checker.run()).violations;
  });
  const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  expect(
    serious.map(({ id, nodes }) => ({ id, where: nodes.map((node) => [node.target, node.failureSummary]) })),
  ).toEqual([]);
}
