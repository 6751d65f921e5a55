import { resolve } from 'node:path';
import { httpClient, type Standalone, startStandalone } from '@pawvault/testing';
import { type Interrupt, watchInterrupts } from './interrupt';
import { type DemoOptions, readOptions, USAGE } from './options';
import { makeSample, type Sample } from './sample';
import { show } from './show';

const STANDALONE = resolve(__dirname, '../standalone/main.js');
/** What shells say of a program that Ctrl-C ended. */
const INTERRUPTED = 130;

async function demo(options: DemoOptions, interrupt: Interrupt): Promise<void> {
  console.log('PawVault demo: a sample instance of QwenPaw, backed up by everything that npm start runs.');
  const sample = makeSample();
  try {
    console.log(`\nSample instance: ${sample.instance.directories.workingDir}`);
    await run(sample, options, interrupt);
  } finally {
    sample.close(options);
    console.log(options.keep ? `The sample and its backup stay in ${sample.root}` : `Removed ${sample.root}`);
  }
}

async function run(sample: Sample, options: DemoOptions, interrupt: Interrupt): Promise<void> {
  const pawvault = await startStandalone({ program: STANDALONE, env: sample.env, signal: interrupt.signal });
  try {
    console.log(noticesOf(pawvault) + `Redis, worker and gateway are running at ${pawvault.url}`);
    await Promise.race([show(httpClient(pawvault.url, interrupt.signal), sample), endedByItself(pawvault)]);
    console.log(`\nAPI documentation: ${pawvault.url}/api/docs`);
    if (!options.exit) await serve(pawvault, interrupt);
  } finally {
    console.log('\nStopping Redis, worker and gateway …');
    await pawvault.stop();
  }
}

/** What PawVault has to say before its own account of where everything is, such as which Redis it does without. Logs are for machines. */
function noticesOf({ output }: Standalone): string {
  const before = output().split('PawVault is running.')[0] ?? '';
  const notices = before.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('{'));
  return notices.map((line) => `${line.trim()}\n`).join('');
}

async function serve(pawvault: Standalone, interrupt: Interrupt): Promise<void> {
  console.log('Serving until Ctrl-C.');
  await Promise.race([interrupt.asked, endedByItself(pawvault)]);
}

async function endedByItself({ exited, output }: Standalone): Promise<never> {
  const { code, signal } = await exited;
  throw new Error(`PawVault ended by itself (${signal ?? `code ${code}`}). It said:\n${output().trim()}`);
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  if (options.help) return console.log(USAGE);
  const interrupt = watchInterrupts();
  try {
    await demo(options, interrupt);
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
    process.exitCode = INTERRUPTED;
  }
}

main().catch((error: unknown) => {
  console.error(`\nThe demo failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
