import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type BenchInstance, mixedInstance, smallFilesInstance } from './instances';
import { linkCopies } from './link-copies';
import { pawvaultRun } from './pawvault-run';
import { archiverPack, pythonPack, pythonTest, unzipExtract, unzipperTest, unzipTest, zipPack } from './peers';
import { machine, megabytes, type Row, table } from './report';
import type { Measure } from './timed-command';

const INSTANCES = { mixed: mixedInstance, small: smallFilesInstance };
const LONG_FACTOR = 4;

const USAGE = `Usage: npm run bench -- [--rounds 3] [--only mixed|small] [--peers] [--long]

  --rounds   interleaved rounds; the table shows medians
  --only     one of the two instances
  --peers    also plain archiver and unzipper, one round
  --long     also the memory of PawVault on the instance and on ${LONG_FACTOR} times as much
`;

interface Options {
  rounds: number;
  names: (keyof typeof INSTANCES)[];
  peers: boolean;
  long: boolean;
}

function readOptions(): Options | null {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '3' },
      only: { type: 'string' },
      peers: { type: 'boolean', default: false },
      long: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const all = Object.keys(INSTANCES) as Options['names'];
  const names = values.only === undefined ? all : all.filter((name) => name === values.only);
  const rounds = Number(values.rounds);
  const valid = names.length > 0 && Number.isSafeInteger(rounds) && rounds > 0;
  return values.help || !valid ? null : { rounds, names, peers: values.peers, long: values.long };
}

async function benchInstance(name: keyof typeof INSTANCES, parent: string, options: Options): Promise<void> {
  const root = join(parent, name);
  mkdirSync(root);
  const instance = INSTANCES[name](root);
  // Else the first contestant pays for writing the instance to disk.
  execFileSync('sync', ['-f', root]);
  console.log(`\n## ${name}: ${instance.files} files, ${megabytes(instance.bytes)}\n`);
  await compare(root, options);
  if (options.long) await compareMemory(root, instance);
  rmSync(root, { recursive: true });
}

/** Every round measures everyone, so that a slow minute of the machine strikes all. */
async function compare(root: string, { rounds, peers }: Options): Promise<void> {
  const create = rowsOf(['PawVault', 'zip -6', 'Python zipfile + HMAC', ...(peers ? ['archiver'] : [])]);
  const verify = rowsOf(['PawVault', 'unzip -tq', 'Python testzip', ...(peers ? ['unzipper + CRC'] : [])]);
  const restore = rowsOf(['PawVault', 'unzip']);
  for (let round = 0; round < rounds; round++) {
    const run = await pawvaultRun(root, async (archive) => {
      verify.add('unzip -tq', await unzipTest(archive));
      verify.add('Python testzip', await pythonTest(archive));
      restore.add('unzip', await unzipExtract(archive, root));
      if (peers && round === 0) verify.add('unzipper + CRC', await unzipperTest(archive));
    });
    create.add('PawVault', run.create);
    verify.add('PawVault', run.verify);
    restore.add('PawVault', run.restore);
    create.add('zip -6', await zipPack(root));
    create.add('Python zipfile + HMAC', await pythonPack(root));
    if (peers && round === 0) create.add('archiver', await archiverPack(root));
  }
  console.log(`${table('create', create.rows, 'zip -6')}\n\n${table('verify', verify.rows, 'unzip -tq')}`);
  console.log(`\n${table('restore', restore.rows, 'unzip')}`);
}

function rowsOf(names: string[]): { rows: Row[]; add: (name: string, run: Measure) => void } {
  const rows = names.map((name): Row => ({ name, runs: [] }));
  return { rows, add: (name, run) => rows.find((row) => row.name === name)?.runs.push(run) };
}

async function compareMemory(root: string, instance: BenchInstance): Promise<void> {
  const nothing = (): Promise<void> => Promise.resolve();
  const once = await pawvaultRun(root, nothing);
  const larger = linkCopies(instance, LONG_FACTOR);
  const manifold = await pawvaultRun(root, nothing);
  const rows: Row[] = [
    { name: `create ×1 (${instance.files} files, ${megabytes(instance.bytes)})`, runs: [once.create] },
    { name: `create ×${LONG_FACTOR} (${larger.files} files, ${megabytes(larger.bytes)})`, runs: [manifold.create] },
    { name: 'verify ×1', runs: [once.verify] },
    { name: `verify ×${LONG_FACTOR}`, runs: [manifold.verify] },
  ];
  console.log(`\n${table('memory', rows, rows[0]?.name ?? '')}`);
}

async function main(): Promise<void> {
  const options = readOptions();
  if (options === null) return console.log(USAGE);
  const parent = mkdtempSync(join(tmpdir(), 'pawvault-bench-'));
  const clean = (): void => rmSync(parent, { recursive: true, force: true });
  process.once('exit', clean);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
  console.log(`${machine()}\n${options.rounds} interleaved rounds`);
  for (const name of options.names) await benchInstance(name, parent, options);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
