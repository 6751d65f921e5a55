import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DEFAULT_LIMITS } from '@pawvault/archive';
import { openStore } from '@pawvault/store';
import { writeArchives } from './list-archives';
import { countWithReader, countWithYauzl, type EntryCounter, naiveList } from './naive-list';
import { machine, megabytes } from './report';

/** The slow ways are measured on a part and scaled up. */
const SAMPLE = 20;

const USAGE = `Usage: npm run bench:list -- [--archives 1000] [--entries 20000]

Writes the archives to a temporary directory (about 170 bytes an entry), lists them, and removes them.
`;

async function milliseconds(act: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await act();
  return performance.now() - start;
}

async function compare(directory: string, archives: number): Promise<void> {
  const print = (name: string, value: number): void => console.log(`| ${name} | ${value.toFixed(0)} ms |`);
  console.log('\n| listing | time |\n| --- | --- |');
  const store = openStore({ backupDir: directory, limits: DEFAULT_LIMITS });
  const list = async (): Promise<void> => {
    const { backups, invalid } = await store.list();
    if (backups.length !== archives || invalid.length > 0) throw new Error(`Listed ${backups.length} of ${archives}`);
  };
  print('PawVault, first (nothing is known of any file)', await milliseconds(list));
  print('PawVault, again (nothing has changed)', await milliseconds(list));
  const scaled = async (count: EntryCounter): Promise<number> => {
    const sample = Math.min(SAMPLE, archives);
    return ((await milliseconds(() => naiveList(directory, sample, count))) / sample) * archives;
  };
  print('reading every directory with the strict reader', await scaled(countWithReader));
  print('reading every directory with yauzl', await scaled(countWithYauzl));
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      archives: { type: 'string', default: '1000' },
      entries: { type: 'string', default: '20000' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const [archives, entries] = [Number(values.archives), Number(values.entries)];
  if (values.help || !(archives > 0) || !(entries > 0)) return console.log(USAGE);
  const directory = mkdtempSync(join(tmpdir(), 'pawvault-bench-'));
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
  const size = await writeArchives(directory, archives, entries);
  console.log(`${machine()}\n${archives} archives of ${entries} entries, ${megabytes(size)} each`);
  await compare(directory, archives);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
