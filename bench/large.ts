import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import type { ImportView, JobView } from '@pawvault/contracts';
import { descendantsOf, httpClient, peakMemory, resetPeakMemory, startStandalone } from '@pawvault/testing';
import { machine, megabytes } from './report';

const STANDALONE = resolve(__dirname, '../dist/apps/standalone/main.js');
const GENERATOR = resolve(__dirname, 'large_archive.py');
const run = promisify(execFile);
const USAGE = 'Usage: npm run bench:large -- [--gigabytes 5]\n\nNeeds five times as much space for a while.\n';

interface Stage {
  name: string;
  act: () => Promise<unknown>;
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { gigabytes: { type: 'string', default: '5' }, help: { type: 'boolean' } } });
  if (values.help === true) return console.log(USAGE);
  const root = mkdtempSync(join(tmpdir(), 'pawvault-large-'));
  try {
    await measure(root, values.gigabytes);
  } finally {
    rmSync(root, { recursive: true });
  }
}

async function measure(root: string, gigabytes: string): Promise<void> {
  const working = join(root, 'working');
  mkdirSync(working);
  writeFileSync(join(working, 'config.json'), '{"agents":{"profiles":{}}}');
  const archive = join(root, 'large.zip');
  const size = Number(execFileSync('python3', [GENERATOR, archive, gigabytes], { encoding: 'utf8' }));
  console.log(
    `${machine()}\n\n${megabytes(size)}\n\n| stage | s | MB/s | worker | gateway |\n| --- | --- | --- | --- | --- |`,
  );
  const env = { QWENPAW_WORKING_DIR: working, PAWVAULT_STATE_DIR: join(root, 'state'), PAWVAULT_LOG_LEVEL: 'warn' };
  const pawvault = await startStandalone({ program: STANDALONE, env });
  try {
    for (const stage of stagesOf(pawvault.url, archive)) await timed(pawvault.pid, stage, size);
  } finally {
    await pawvault.stop();
  }
}

/** What moving to another machine takes, one after the other. */
function stagesOf(url: string, archive: string): Stage[] {
  const client = httpClient(url);
  let id = '';
  const settled = async (): Promise<ImportView> => {
    const view = await client.get<ImportView>(`/api/v1/imports/${id}`);
    let job = await client.get<JobView>(`/api/v1/jobs/${view.job_id}`);
    for await (const now of client.events<JobView>(`/api/v1/jobs/${view.job_id}/events`, 'job')) job = now;
    if (job.state !== 'completed') throw new Error(`${job.type} is ${job.state}: ${job.error?.message}`);
    return client.get<ImportView>(`/api/v1/imports/${id}`);
  };
  const upload = async (): Promise<void> => {
    const header = ['-H', 'Content-Type: application/zip', '-T', archive, '-X', 'POST'];
    const { stdout } = await run('curl', ['-sS', ...header, `${url}/api/v1/imports`]);
    ({ id } = JSON.parse(stdout) as ImportView);
  };
  const accept = async (): Promise<unknown> => {
    await client.post(`/api/v1/imports/${id}/accept`, { trust_mode: 'legacy' });
    return settled();
  };
  const download = (): Promise<unknown> =>
    run('curl', ['-sS', '-o', '/dev/null', `${url}/api/v1/backups/large-archive/archive`]);
  const restore = async (): Promise<void> => {
    const body = { mode: 'custom', agent_ids: ['big'], pre_restore_backup: false, confirm: true };
    let job = await client.post<JobView>('/api/v1/backups/large-archive/restores', body);
    for await (const now of client.events<JobView>(`/api/v1/jobs/${job.id}/events`, 'job')) job = now;
    if (job.state !== 'completed') throw new Error(`restore is ${job.state}: ${job.error?.message}`);
  };
  return [
    { name: 'upload', act: upload },
    { name: 'check', act: settled },
    { name: 'accept and sign', act: accept },
    { name: 'export', act: download },
    { name: 'restore', act: restore },
  ];
}

async function timed(pid: number, { name, act }: Stage, bytes: number): Promise<void> {
  const processes = ['worker', 'gateway'].map((app) => {
    const child = descendantsOf(pid).find(({ command }) => command.includes(`apps/${app}/main.js`));
    if (child === undefined) throw new Error(`There is no ${app}`);
    return child.pid;
  });
  for (const each of processes) resetPeakMemory(each);
  const start = performance.now();
  await act();
  const seconds = (performance.now() - start) / 1000;
  const peaks = processes.map((each) => megabytes(peakMemory(each)));
  console.log(`| ${name} | ${seconds.toFixed(1)} | ${(bytes / 1e6 / seconds).toFixed(0)} | ${peaks.join(' | ')} |`);
}

void main();
