import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FULL_SCOPE, type RestorePayload } from '@pawvault/contracts';
import { tempDir } from '@pawvault/testing';
import { createBackup } from '../create/create-backup';
import type { EngineDeps } from '../engine';
import { inspectInstance } from '../instance/inspect';
import { type BareInstance, bareInstance } from '../spec-support/bare-instance';
import { fullPayload, plainEngine, RecordedJob } from '../spec-support/engine-bench';
import { FULL_RESTORE, startPlanning } from './plan/spec-support/planning';
import { restoreBackup } from './restore-backup';

const MARK = '\ufeff';

/** What QwenPaw reads although it is no JSON; `dir` is the workspace of agent a. */
const LENIENT: [string, (dir: string) => string, string][] = [
  ['a byte order mark', (dir) => `${MARK}{"agents":{"profiles":{"a":{"workspace_dir":"${dir}"}}}}`, 'byte order mark'],
  [
    'comments, trailing commas and NaN',
    (dir) => `{\n// mine\n"t": NaN,\n"agents": {"profiles": {"a": {"workspace_dir": "${dir}",},},},\n}\n`,
    'comment',
  ],
  ['a lost comma', (dir) => `{"t": 1.0\n"agents":{"profiles":{"a":{"workspace_dir":"${dir}"}}}}`, 'a comma is missing'],
];

const repairedIn = (place: object) =>
  expect.objectContaining({ code: 'CONFIG_REPAIRED', details: expect.objectContaining(place) as unknown }) as unknown;

const backUp = async (engine: EngineDeps): Promise<{ id: string; job: RecordedJob }> => {
  const job = new RecordedJob();
  const { backup_id: id } = await createBackup(engine, fullPayload({ scope: FULL_SCOPE }), job);
  return { id, job };
};

const restore = async (engine: EngineDeps, id: string, change: Partial<RestorePayload> = {}): Promise<void> => {
  const payload = { ...FULL_RESTORE, backup_id: id, pre_restore_backup: null, plan_hash: null, ...change };
  await restoreBackup(engine, payload, new RecordedJob(), { quiesce: { kind: 'none' } });
};

describe.each(LENIENT)('a config.json with %s', (_, text, reason) => {
  let instance: BareInstance;
  let engine: EngineDeps;
  let config: string;

  beforeEach(() => {
    instance = bareInstance({ 'AGENTS.md': 'saved' });
    config = instance.directories.configFile;
    engine = plainEngine(instance.directories);
    writeFileSync(config, text(instance.workspace));
  });

  it('is read by the inspection, which says so', async () => {
    const { agents, warnings } = await inspectInstance(engine, new RecordedJob());
    expect(agents.map(({ id, exists }) => [id, exists])).toEqual([['a', true]]);
    expect(warnings).toContainEqual(repairedIn({ path: config, reason }));
  });

  it('is backed up and given back with every byte', async () => {
    const { id, job } = await backUp(engine);
    expect(job.warnings).toContainEqual(repairedIn({ path: config, reason, line: expect.any(Number) as number }));
    rmSync(config);
    await restore(engine, id);
    expect(readFileSync(config, 'utf8')).toBe(text(instance.workspace));
  });

  it('does not keep a single agent from being restored, and stays as it is', async () => {
    const { id } = await backUp(engine);
    writeFileSync(join(instance.workspace, 'AGENTS.md'), 'since');
    await restore(engine, id, { mode: 'custom', agent_ids: ['a'] });
    expect(readFileSync(join(instance.workspace, 'AGENTS.md'), 'utf8')).toBe('saved');
    expect(readFileSync(config, 'utf8')).toBe(text(instance.workspace));
  });
});

describe('in another place', () => {
  const moveTo = async (from: BareInstance, id: string): Promise<BareInstance> => {
    const other = bareInstance({});
    rmSync(other.workspace, { recursive: true });
    rmSync(other.directories.configFile);
    const engine = plainEngine({ ...other.directories, backupDir: from.directories.backupDir });
    await restore(engine, id);
    return other;
  };

  it('paths are right in a config.json and an agent.json that are no plain JSON; every other byte is kept', async () => {
    const from = bareInstance({});
    const agentJson = (dir: string): string => `${MARK}{ // of mine\r\n "workspace_dir": "${dir}", "t": Infinity,}`;
    const config = (dir: string): string => `{"agents": {"profiles": {"a": {"workspace_dir": "${dir}", /* x */ }}}, }`;
    writeFileSync(join(from.workspace, 'agent.json'), agentJson(from.workspace));
    writeFileSync(from.directories.configFile, config(from.workspace));
    const { id, job } = await backUp(plainEngine(from.directories));
    expect(job.codes.filter((code) => code === 'CONFIG_REPAIRED')).toHaveLength(2);
    const other = await moveTo(from, id);
    expect(readFileSync(join(other.workspace, 'agent.json'), 'utf8')).toBe(agentJson(other.workspace));
    expect(readFileSync(other.directories.configFile, 'utf8')).toBe(config(other.workspace));
  });

  it('the registry may name the old working directory', async () => {
    const from = bareInstance({ 'AGENTS.md': 'saved' });
    writeFileSync(
      from.directories.configFile,
      '{"agents":{"profiles":{"a":{"workspace_dir":"~/.copaw/workspaces/a"}}}}',
    );
    const { id, job } = await backUp(plainEngine(from.directories));
    expect(job.codes).not.toContain('WORKSPACE_MISSING');
    const other = await moveTo(from, id);
    expect(readFileSync(join(other.workspace, 'AGENTS.md'), 'utf8')).toBe('saved');
  });
});

describe('what no restore of the settings takes is said by the backup', () => {
  const GBK = Buffer.concat([
    Buffer.from('{"agents":{"profiles":{"a":{}}},\n"name":"', 'utf8'),
    Buffer.from('c4e3bac3', 'hex'),
    Buffer.from('"}', 'utf8'),
  ]);
  const large = Buffer.from(JSON.stringify({ agents: { profiles: { a: {} } }, note: 'x'.repeat(5 << 20) }));

  it.each<[string, Buffer, { line: number; column: number; reason: string }]>([
    ['GBK', GBK, { line: 2, column: 9, reason: 'the file is not UTF-8' }],
    ['5 MiB', large, { line: 1, column: 1, reason: 'the file is larger than 4 MiB' }],
  ])('a config.json of %s', async (_, content, fault) => {
    const { directories, workspace } = bareInstance({ 'AGENTS.md': 'saved' });
    writeFileSync(directories.configFile, content);
    const engine = plainEngine(directories);
    const { id, job } = await backUp(engine);
    const { configFile: path } = directories;
    expect(job.warnings).toContainEqual(
      expect.objectContaining({ code: 'CONFIG_NOT_RESTORABLE', details: { path, ...fault } }),
    );
    const refusal = { code: 'BACKUP_INVALID', details: { entry: 'data/config.json', ...fault } };
    await expect(restore(engine, id)).rejects.toMatchObject(refusal);
    expect(readFileSync(join(workspace, 'AGENTS.md'), 'utf8')).toBe('saved');
  });

  it('a config.json that cannot be read at all refuses the backup, with line and reason', async () => {
    const { directories } = bareInstance();
    writeFileSync(directories.configFile, '{"agents":\n{"profiles":');
    await expect(backUp(plainEngine(directories))).rejects.toMatchObject({
      code: 'INSTANCE_CONFIG_INVALID',
      details: { path: directories.configFile, line: 2, column: 13, reason: 'the file ends too early' },
    });
  });
});

it('a workspace that is a link to nothing is refused with the link and where it leads', async () => {
  const planning = startPlanning();
  try {
    const reader = await planning.backUp();
    const link = join(planning.instance.directories.workingDir, 'workspaces', 'default');
    const target = join(tempDir('unmounted'), 'disk', 'default');
    rmSync(link, { recursive: true });
    symlinkSync(target, link);
    const refused = { agent: 'default', path: link, reason: 'dangling_link', link, leads_to: target };
    await expect(planning.plan(reader)).rejects.toMatchObject({
      code: 'RESTORE_DESTINATION_REFUSED',
      message: expect.stringContaining(target) as string,
      details: refused,
    });
    mkdirSync(target, { recursive: true });
    await expect(planning.plan(reader)).resolves.toBeDefined();
  } finally {
    await planning.close();
  }
});
