import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { qwenpawFixture, type QwenpawFixture } from '@pawvault/testing';
import { archivesIn, unfinishedIn } from './spec-support/backup-dir';
import { type ConsoleEvent, QwenpawConsole, type Snapshot } from './spec-support/qwenpaw-console';
import { remainsIn, restorableInstance, stateOf, wreck } from './spec-support/restorable-instance';
import { slowInstance } from './spec-support/slow-instance';
import { startStack } from './spec-support/stack';
import { until } from './spec-support/until';

const EVERYTHING = {
  include_agents: true,
  include_global_config: true,
  include_secrets: true,
  include_skill_pool: true,
};

const percentsOf = (steps: object[]): number[] =>
  steps.flatMap((step) => ('percent' in step && typeof step.percent === 'number' ? [step.percent] : []));

/** Puts an archive of QwenPaw into the backup directory, as a user would. */
function bring(fixture: QwenpawFixture, backupDir: string): void {
  mkdirSync(backupDir, { recursive: true });
  copyFileSync(qwenpawFixture(fixture), join(backupDir, fixture));
}

describe('the backup page of QwenPaw', () => {
  it('makes backups, exports one, restores it after a disaster, and deletes them', async () => {
    const place = restorableInstance();
    const stack = await startStack(place);
    const page = new QwenpawConsole(stack.url);
    const { backups, agents } = await page.open();
    expect(backups).toEqual([]);
    expect(agents.map(({ id }) => id)).toEqual(['default', 'writer']);
    expect(agents[0]).toMatchObject({ name: 'Agent default', workspace_dir: place.workspace });

    const sound = stateOf(place);
    const events: ConsoleEvent[] = [];
    const everyone = agents.map(({ id }) => id);
    const asked = { name: 'Backup 2026-04-20', description: '升级前', scope: EVERYTHING, agents: everyone };
    const meta = await page.createByStream(asked, (event) => events.push(event));
    const told = [...new Set(events.map(({ type, agent_id = '' }) => `${type} ${String(agent_id)}`.trim()))];
    expect(told).toEqual(['start', 'agent default', 'agent writer', 'saving', 'done']);
    expect(events[0]).toEqual({ type: 'start', total_agents: 2, percent: 0 });
    expect(percentsOf(events)).toEqual(percentsOf(events).toSorted((a, b) => a - b));
    expect(events.at(-1)).toMatchObject({ percent: 100, meta: { signature: null, accepted_via_trust: false } });
    expect(meta).toMatchObject({ name: asked.name, description: '升级前', scope: EVERYTHING, agent_count: 2 });
    expect((await page.open()).backups).toEqual([meta]);

    const { workspace_stats } = await page.detail(meta.id);
    expect(Object.keys(workspace_stats).sort()).toEqual(everyone.toSorted());
    expect(workspace_stats['writer']).toEqual({ files: 3, size: expect.any(Number), name: 'Agent writer' });
    const downloaded = join(place.root, 'downloaded.zip');
    writeFileSync(downloaded, await page.export(meta.id));
    expect(execFileSync('unzip', ['-tq', downloaded], { encoding: 'utf8' })).toContain('No errors detected');
    expect(readFileSync(downloaded)).toEqual(readFileSync(join(place.backupDir, `${meta.id}.zip`)));

    wreck(place);
    const restored = await page.restore(meta.id, {
      mode: 'full',
      agent_ids: Object.keys(workspace_stats),
      ...EVERYTHING,
      default_workspace_dir: null,
      preserve_local_protected_config: false,
    });
    expect(restored).toEqual({ ok: true, preserved_local_keys: [] });
    const { working, secret } = stateOf(place);
    const restoredWorking = Object.entries(working).filter(([path]) => !path.startsWith('workspaces/newcomer'));
    expect({ working: Object.fromEntries(restoredWorking), secret }).toEqual(sound);

    expect(await page.delete([meta.id, 'gone'])).toEqual({
      deleted: [meta.id],
      failed: [{ id: 'gone', reason: 'not found' }],
    });
    expect((await page.open()).backups).toEqual([]);
    expect(remainsIn(place)).toEqual([]);
  }, 90_000);

  it('of later versions makes a backup as a job', async () => {
    const place = restorableInstance();
    const stack = await startStack(place);
    const page = new QwenpawConsole(stack.url);
    const snapshots: Snapshot[] = [];
    const ended = await page.createByJob({ name: 'By job', agents: ['writer'] }, (seen) => snapshots.push(seen));
    expect(ended).toMatchObject({ status: 'completed', phase: 'finalizing', percent: 100, error: null });
    expect(ended['result']).toMatchObject({ id: ended['backup_id'], name: 'By job', agent_count: 1 });
    expect(percentsOf(snapshots)).toEqual(percentsOf(snapshots).toSorted((a, b) => a - b));
    expect(await page.activeJob()).toBeNull();
  }, 60_000);

  it('cancels a backup by leaving, and nothing stays behind', async () => {
    const place = slowInstance();
    const stack = await startStack(place);
    const leave = new AbortController();
    const seen = (event: ConsoleEvent): void => {
      if (event.type === 'agent' && Number(event['percent']) > 0) leave.abort();
    };
    const asked = { name: 'Left', scope: { include_skill_pool: false }, agents: ['default'] };
    await expect(new QwenpawConsole(stack.url).createByStream(asked, seen, leave.signal)).rejects.toThrow(/abort/i);
    const [job] = (await stack.client.get<{ jobs: { id: string; type: string }[] }>('/api/v1/jobs?type=backup.create'))
      .jobs;
    expect(await stack.ended({ id: job?.id ?? '' } as never)).toMatchObject({ state: 'cancelled' });
    await until('the work is cleared away', () => unfinishedIn(place.backupDir).length === 0);
    expect(archivesIn(place.backupDir)).toEqual([]);
  }, 60_000);

  it('asks for trust before it restores the archive of another installation, and keeps what protects this one', async () => {
    const place = restorableInstance();
    const config = join(place.workingDir, 'config.json');
    const before = { ...(JSON.parse(readFileSync(config, 'utf8')) as object), security: { tool_guard: true } };
    writeFileSync(config, JSON.stringify(before));
    bring('foreign-full.zip', place.backupDir);
    const stack = await startStack(place);
    const page = new QwenpawConsole(stack.url);
    const [backup] = (await page.open()).backups;
    const { id, workspace_stats } = await page.detail(backup?.id ?? '');
    const [agent = ''] = Object.keys(workspace_stats);
    const asked = {
      mode: 'custom',
      agent_ids: [agent],
      include_secrets: false,
      default_workspace_dir: join(place.root, 'elsewhere'),
    };
    const untouched = stateOf(place);
    await expect(page.restore(id, asked)).rejects.toMatchObject({
      status: 400,
      detail: { code: 'backup_signature_mismatch', message: expect.any(String) },
    });
    await expect(page.restore(id, { ...asked, trust_mode: 'legacy' })).rejects.toMatchObject({ status: 400 });
    expect(stateOf(place)).toEqual(untouched);

    const { ok, preserved_local_keys } = await page.restore(id, { ...asked, trust_mode: 'foreign' });
    expect(ok).toBe(true);
    expect(preserved_local_keys).toEqual(expect.arrayContaining(['security', 'mcp']));
    expect(JSON.parse(readFileSync(config, 'utf8'))).toMatchObject({ security: { tool_guard: true } });
    const { agents } = await page.open();
    const home = agents.find((known) => known.id === agent)?.workspace_dir ?? '';
    expect(existsSync(join(home, 'agent.json'))).toBe(true);
    expect((await page.detail(id)).accepted_via_trust).toBe(true);
  }, 60_000);
});
