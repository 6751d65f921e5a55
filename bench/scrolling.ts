import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { CHROMIUM, startStandalone } from '@pawvault/testing';
import { type Browser, chromium, type Page } from 'playwright-core';
import { writeArchives } from './list-archives';
import { machine, median } from './report';

const STANDALONE = resolve(__dirname, '../dist/apps/standalone/main.js');
const USAGE = `Usage: npm run bench:scrolling -- [--backups 1000] [--rounds 5]

Needs a Chromium: Debian's, or the one that PAWVAULT_CHROMIUM names.
`;
const DESKTOP = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };
/** A quick fling: a thousand rows in eight seconds. */
const PIXELS_PER_SECOND = 8000;
const SECONDS = 5;
/** Longer ones are seen as a hitch. */
const HITCH_MS = 50;

interface Subject {
  name: string;
  view: typeof DESKTOP;
  open: (page: Page) => Promise<void>;
}

/** Runs in the page: scrolls by the clock, as a finger does. @returns milliseconds of each frame */
const SCROLL = `new Promise((resolve) => {
  const frames = [];
  const begun = performance.now();
  let last = begun;
  const step = (now) => {
    frames.push(now - last);
    last = now;
    if (now - begun > ${SECONDS * 1000}) return resolve(frames.slice(1));
    window.scrollTo(0, ((now - begun) / 1000) * ${PIXELS_PER_SECOND});
    requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
})`;

async function framesOf(browser: Browser, { view, open }: Subject): Promise<number[]> {
  const page = await browser.newPage({ viewport: view });
  await open(page);
  await page.evaluate('window.scrollTo(0, 0)');
  const frames = await page.evaluate<number[]>(SCROLL);
  await page.close();
  return frames;
}

/** The list asks for the next part whenever its end comes into sight. */
async function openList(page: Page, url: string): Promise<void> {
  await page.goto(url);
  const oldest = page.locator(`a[href$="00000000"]`);
  while ((await oldest.count()) === 0) {
    await page.evaluate('window.scrollTo(0, document.body.scrollHeight)');
    await page.waitForTimeout(50);
  }
}

const ROW_PX = 61;
const empty = (rows: number): string => `<p style="height:${ROW_PX * rows}px">`;
const plain = (rows: number): string => `<table>${Array.from({ length: rows }, (_, i) => rowOf(i)).join('')}</table>`;
const rowOf = (i: number): string => `<tr style="height:${ROW_PX}px">${`<td>Backup ${i}</td>`.repeat(8)}</tr>`;

function report(name: string, frames: number[]): void {
  const sorted = frames.toSorted((a, b) => a - b);
  const at = (part: number): string => (sorted[Math.floor(part * (sorted.length - 1))] ?? Number.NaN).toFixed(1);
  const hitches = (sorted.filter((ms) => ms > HITCH_MS).length / sorted.length) * 100;
  console.log(
    `| ${name} | ${(1000 / median(frames)).toFixed(0)} | ${median(frames).toFixed(1)} ms | ${at(0.95)} ms | ${at(1)} ms | ${hitches.toFixed(1)} % |`,
  );
}

async function compare(url: string, { backups, rounds }: { backups: number; rounds: number }): Promise<void> {
  const browser = await chromium.launch({ executablePath: CHROMIUM ?? '', args: ['--no-sandbox', '--disable-gpu'] });
  const list = (page: Page): Promise<void> => openList(page, url);
  const subjects: Subject[] = [
    { name: 'an empty page of the same height', view: DESKTOP, open: (page) => page.setContent(empty(backups)) },
    { name: `a plain HTML table of ${backups} rows`, view: DESKTOP, open: (page) => page.setContent(plain(backups)) },
    { name: `PawVault, ${backups} backups`, view: DESKTOP, open: list },
    { name: `PawVault on a phone, ${backups} backups`, view: PHONE, open: list },
  ];
  const frames = new Map<string, number[]>();
  for (let round = 0; round < rounds; round += 1)
    for (const subject of subjects)
      frames.set(subject.name, [...(frames.get(subject.name) ?? []), ...(await framesOf(browser, subject))]);
  console.log('\n| scrolling | frames a second | median frame | 95 % below | longest | above 50 ms |');
  console.log('| --- | ---: | ---: | ---: | ---: | ---: |');
  for (const [name, all] of frames) report(name, all);
  await browser.close();
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      backups: { type: 'string', default: '1000' },
      rounds: { type: 'string', default: '5' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const [backups, rounds] = [Number(values.backups), Number(values.rounds)];
  if (values.help || !(backups > 0) || !(rounds > 0) || CHROMIUM === null) return console.log(USAGE);
  const root = mkdtempSync(join(tmpdir(), 'pawvault-bench-'));
  process.once('exit', () => rmSync(root, { recursive: true, force: true }));
  const [working, backupDir] = [join(root, 'working'), join(root, 'backups')];
  mkdirSync(working);
  writeFileSync(join(working, 'config.json'), '{"agents":{"profiles":{}}}');
  await writeArchives(backupDir, backups, 10);
  const directories = { QWENPAW_WORKING_DIR: working, QWENPAW_BACKUP_DIR: backupDir };
  const env = { ...directories, PAWVAULT_STATE_DIR: join(root, 'state'), PAWVAULT_LOG_LEVEL: 'warn' };
  const pawvault = await startStandalone({ program: STANDALONE, env });
  console.log(machine());
  try {
    await compare(pawvault.url, { backups, rounds });
  } finally {
    await pawvault.stop();
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
