import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ImportView, JobView } from '@pawvault/contracts';
import { descendantsOf, forgeZip, isRunning, noise, type ProcessInfo } from '@pawvault/testing';
import { archivesIn } from './spec-support/backup-dir';
import { restorableInstance } from './spec-support/restorable-instance';
import { startStack } from './spec-support/stack';
import { until } from './spec-support/until';

const LONG = process.env['PAWVAULT_LONG_TESTS'] === '1';
const KILLS = LONG ? 40 : 1;
const FILES = 24;

const isWorker = ({ command }: ProcessInfo): boolean => command.includes('apps/worker/main.js');

/** Unsigned, and large enough to take a moment. */
function archive(id: string): Buffer {
  const scope = {
    include_agents: true,
    include_global_config: false,
    include_secrets: false,
    include_skill_pool: false,
  };
  const facts = { id, name: id, description: '', created_at: '2026-04-20T09:30:00Z', version: '1', scope };
  const meta = JSON.stringify({ ...facts, agent_count: 1, qwenpaw_version: '1', system_info: {} });
  const content = noise('seven', 1 << 20);
  const files = Array.from({ length: FILES }, (_, i) => ({ name: `data/workspaces/a/media/${i}.bin`, content }));
  return forgeZip([{ name: 'meta.json', content: meta }, ...files]);
}

it(
  'whenever a worker is killed, an import ends as one sound backup and leaves nothing in quarantine',
  async () => {
    const place = restorableInstance();
    const stack = await startStack(place);
    const { client, url } = stack;
    for (let round = 0; round < KILLS; round += 1) {
      const headers = { 'Content-Type': 'application/zip' };
      const body = new Uint8Array(archive(`killed-${round}`));
      const uploaded = await fetch(`${url}/api/v1/imports`, { method: 'POST', headers, body });
      const { id } = (await uploaded.json()) as ImportView;
      const look = (): Promise<ImportView> => client.get<ImportView>(`/api/v1/imports/${id}`);
      const settle = (): Promise<void> =>
        until('the import is settled', async () => !['checking', 'accepting'].includes((await look()).state), 60_000);
      const killAfter = async (milliseconds: number): Promise<void> => {
        const deadline = performance.now() + milliseconds;
        await until('it is time', () => performance.now() >= deadline);
        await until('there is a worker', () => descendantsOf(stack.pid).some(isWorker), 60_000);
        const worker = stack.processOf('worker');
        process.kill(worker.pid, 'SIGKILL');
        await until('the worker is gone', () => !isRunning(worker.pid));
      };
      await killAfter(Math.random() * 150);
      await settle();
      expect((await look()).state).toBe('needs_decision');
      await client.post(`/api/v1/imports/${id}/accept`, { trust_mode: 'legacy' });
      await killAfter(Math.random() * 400);
      await settle();
      expect(await look()).toMatchObject({ state: 'accepted', backup_id: `killed-${round}` });
      const verify = await client.post<JobView<'backup.verify'>>(`/api/v1/backups/killed-${round}/verify`);
      expect((await stack.ended(verify, 60_000)).result).toMatchObject({ state: 'ok', trust: 'valid' });
    }
    // What a worker was killed over while it wrote a record goes with the import: after an hour, or now.
    const { imports } = await client.get<{ imports: ImportView[] }>('/api/v1/imports?limit=200');
    for (const { id } of imports)
      expect((await client.fetch(`/api/v1/imports/${id}`, { method: 'DELETE' })).status).toBe(204);
    expect([imports.length, archivesIn(place.backupDir).length]).toEqual([KILLS, KILLS]);
    const left = readdirSync(join(place.backupDir, '.pawvault'), { recursive: true, encoding: 'utf8' });
    // A record of the audit log that a worker was killed over has no name yet, and is removed some minutes later.
    const isLeft = (name: string): boolean => /\.(zip|tmp)$/.test(name) && !name.startsWith('audit/');
    expect(left.filter(isLeft)).toEqual([]);
  },
  KILLS * 120_000,
);
