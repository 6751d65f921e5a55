import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ArchiveLimits, DEFAULT_LIMITS } from '@pawvault/archive';
import { type CreateResult, ERRORS, type ErrorCode, type SelectionRequest } from '@pawvault/contracts';
import { type SampleInstance, sampleInstance, sha256Of, tempDir } from '@pawvault/testing';
import type { Engine } from '../engine';
import { type ArchiveView, microsOf, proveByOtherTools, viewArchive } from '../spec-support/archive-view';
import { fullPayload, payloadFor, RecordedJob, remainsIn, threadedEngine } from '../spec-support/engine-bench';
import { rowsIn, startWriter } from '../spec-support/live-database';
import { verifyBackup } from '../verify/verify-backup';
import { createBackup } from './create-backup';

const isModuleFile = (name: string): boolean => name.startsWith('data/');

/** What the sample promises for an entry, and what the archive has there. */
function found(view: ArchiveView, name: string): unknown {
  const entry = view.manifest.get(name);
  if (entry?.type === 'symlink') return { type: 'symlink', target: entry.target };
  const attributes = { mode: entry?.mode, mtimeMs: Math.round(Number(microsOf(entry?.mtime ?? '')) / 1000) };
  if (entry?.type === 'directory') return { type: 'directory', ...attributes };
  return {
    type: entry?.type,
    size: view.content(name).length,
    sha256: sha256Of(view.content(name)),
    ...attributes,
  };
}

describe('a full backup of a running instance', () => {
  let sample: SampleInstance;
  let engine: Engine;
  let result: CreateResult;
  let view: ArchiveView;
  let path: string;
  const job = new RecordedJob();
  let rowsBefore = 0;
  let rowsAfter = 0;

  beforeAll(async () => {
    sample = sampleInstance(tempDir('create'));
    engine = threadedEngine(sample.directories);
    const writer = await startWriter(sample.databases[0]?.path ?? '');
    rowsBefore = await writer.rows();
    result = await createBackup(engine, fullPayload(), job);
    rowsAfter = await writer.rows();
    await writer.stop();
    path = join(sample.directories.backupDir, `${result.backup_id}.zip`);
    view = await viewArchive(path);
  });
  afterAll(() => sample.close());

  it('holds every file, link and empty directory as it was', () => {
    const databases = new Set(sample.databases.map(({ entry }) => entry));
    for (const [name, node] of Object.entries(sample.expected)) {
      if (databases.has(name)) continue;
      expect([name, found(view, name)]).toEqual([name, node]);
    }
  });

  it('holds nothing else', () => {
    const expected = new Set([...Object.keys(sample.expected), ...sample.databases.map(({ entry }) => entry)]);
    const extra = view.names.filter((name) => isModuleFile(name) && !name.endsWith('/') && !expected.has(name));
    expect(extra).toEqual([]);
    expect(view.names.filter((name) => sample.unexpected.includes(name))).toEqual([]);
    expect(view.names).toEqual(expect.arrayContaining(['meta.json', 'manifest.json']));
  });

  it('says so in its result', () => {
    expect(result).toMatchObject({
      backup_id: expect.stringMatching(/^qwenpaw-1\.1\.9-20260420T093000Z-[0-9a-f]{8}$/) as string,
      size: statSync(path).size,
      agents: ['default', 'a1B2c3', 'QwenPaw_QA_Agent_0.2', 'nomad'],
      omission_count: 1,
      omissions: [{ path: 'data/workspaces/ghost/', reason: 'missing_workspace' }],
    });
    const content = [...view.manifest.values()].filter(({ type }) => type !== 'directory');
    expect(result.files).toBe(content.length);
    expect(result.bytes).toBe(content.reduce((sum, { size }) => sum + size, 0));
    expect(result.duration_ms).toBeGreaterThan(0);
    expect(job.codes).toEqual(expect.arrayContaining(['WORKSPACE_MISSING', 'PATHS_OMITTED']));
  });

  it('counts what its rules left out', () => {
    const counted = Object.fromEntries(result.exclusions.map(({ rule, files, bytes }) => [rule, { files, bytes }]));
    expect(counted).toEqual({
      'browser/**/Cache/': { files: 1, bytes: 30_000 },
      'browser/**/Code Cache/': { files: 1, bytes: 3_000 },
      'browser/**/GPUCache/': { files: 1, bytes: 3_000 },
      '__pycache__/': { files: 1, bytes: 300 },
      '*.tmp': { files: 2, bytes: 15 },
      '*.json.lock': { files: 1, bytes: 0 },
      '.restore_tmp/': { files: 1, bytes: 39 },
    });
    expect(view.head.exclusions).toEqual(result.exclusions);
  });

  it('holds the database with every row that was committed before, and none that was not', () => {
    const [database] = sample.databases;
    const copy = join(tempDir('database'), 'history.db');
    writeFileSync(copy, view.content(database?.entry ?? ''));
    const captured = rowsIn(copy);
    expect(captured.integrity).toBe('ok');
    expect(captured.rows).toBeGreaterThanOrEqual(rowsBefore);
    expect(captured.rows).toBeLessThanOrEqual(rowsAfter);
    // The gap that was left by a deleted row is still there: nothing was renumbered.
    expect(captured.firstRowid).toBe(2);
  });

  it('is accepted by unzip, 7-Zip and Python', () => proveByOtherTools(path));

  it('verifies, with both signatures', async () => {
    const verified = await verifyBackup(engine, { backup_id: result.backup_id }, new RecordedJob());
    expect(verified).toMatchObject({ state: 'ok', trust: 'valid', manifest: 'ok', problem_count: 0 });
    expect(verified.entries).toBe(view.names.length);
  });

  it('reports progress that never falls and ends below 100', () => {
    const percents = job.progress.map(({ percent }) => percent);
    expect(percents.length).toBeGreaterThan(3);
    expect(percents).toEqual([...percents].sort((a, b) => a - b));
    expect(percents.at(-1)).toBeGreaterThan(99);
    expect(percents.at(-1)).toBeLessThan(100);
    expect(job.progress.at(-1)).toMatchObject({ phase: 'finishing', agents_done: 4, agents_total: 4 });
  });

  it('leaves nothing but the archive and the key', () => {
    expect(remainsIn(sample.directories.backupDir)).toEqual({
      archives: [`${result.backup_id}.zip`],
      work: [],
      others: [],
    });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(sample.directories.backupDir).mode & 0o777).toBe(0o700);
  });
});

describe('a partial backup', () => {
  const root = tempDir('partial');
  const sample = sampleInstance(root, { database: 'none' });
  const modulesOf = (view: ArchiveView): string[] => [
    ...new Set(
      view.names.filter(isModuleFile).map((name) => /^data\/(workspaces\/[^/]+|[^/]+)/.exec(name)?.[0] ?? name),
    ),
  ];

  const NOTHING = {
    include_agents: false,
    include_global_config: false,
    include_secrets: false,
    include_skill_pool: false,
  };
  const cases: [string, Omit<SelectionRequest, 'mode'>, string[]][] = [
    ['one agent', { scope: { ...NOTHING, include_agents: true }, agents: ['nomad'] }, ['data/workspaces/nomad']],
    ['settings', { scope: { ...NOTHING, include_global_config: true } }, ['data/config.json']],
    ['skill pool', { scope: { ...NOTHING, include_skill_pool: true } }, ['data/skill_pool']],
    ['secrets', { scope: { ...NOTHING, include_secrets: true } }, ['data/secrets']],
    [
      'what is taken by default',
      { agents: ['a1B2c3', 'QwenPaw_QA_Agent_0.2'] },
      ['data/config.json', 'data/skill_pool', 'data/workspaces/QwenPaw_QA_Agent_0.2', 'data/workspaces/a1B2c3'],
    ],
  ];

  it.each(cases)('of %s holds exactly that', async (_, request, expected) => {
    const engine = threadedEngine(sample.directories);
    const result = await createBackup(engine, payloadFor({ mode: 'partial', ...request }), new RecordedJob());
    const view = await viewArchive(join(sample.directories.backupDir, `${result.backup_id}.zip`));
    expect(modulesOf(view)).toEqual(expected);
    expect(result.omission_count).toBe(0);
    await expect(verifyBackup(engine, { backup_id: result.backup_id }, new RecordedJob())).resolves.toMatchObject({
      state: 'ok',
      trust: 'valid',
    });
  });

  it('of a missing workspace alone names it, and counts no agent', async () => {
    const engine = threadedEngine(sample.directories);
    const scope = { ...NOTHING, include_agents: true };
    const result = await createBackup(
      engine,
      payloadFor({ mode: 'partial', scope, agents: ['ghost'] }),
      new RecordedJob(),
    );
    expect(result).toMatchObject({ agents: [], files: 0, omission_count: 1 });
    expect((await engine.store.find(result.backup_id)).meta.agent_count).toBe(0);
  });

  it.each<[ErrorCode, Partial<ReturnType<typeof fullPayload>>]>([
    ['AGENT_NOT_FOUND', { agents: ['default', 'nobody'] }],
    ['NOTHING_SELECTED', { scope: NOTHING, agents: [] }],
    ['NOTHING_SELECTED', { scope: { ...NOTHING, include_agents: true }, agents: [] }],
  ])('is refused with %s', async (code, rest) => {
    const engine = threadedEngine(sample.directories);
    await expect(createBackup(engine, fullPayload(rest), new RecordedJob())).rejects.toMatchObject({
      name: 'DomainError',
      code,
    });
    expect(ERRORS[code]).toBeDefined();
  });
});

describe('a config.json that', () => {
  const rewritten = (): { engine: Engine; config: string } => {
    const { directories } = sampleInstance(tempDir('config'), { database: 'none' });
    return { engine: threadedEngine(directories), config: directories.configFile };
  };

  it('is no JSON refuses the backup', async () => {
    const { engine, config } = rewritten();
    writeFileSync(config, 'language = zh');
    await expect(createBackup(engine, fullPayload(), new RecordedJob())).rejects.toMatchObject({
      code: 'INSTANCE_CONFIG_INVALID',
      details: { path: config },
    });
  });

  it('is caught half-written is read again', async () => {
    const { engine, config } = rewritten();
    writeFileSync(config, '{"agents": {"prof');
    const creating = createBackup(engine, payloadFor({ mode: 'partial', agents: ['written'] }), new RecordedJob());
    const workspace = join(config, '..', 'workspaces', 'written');
    mkdirSync(workspace, { recursive: true });
    setImmediate(() => writeFileSync(config, JSON.stringify({ agents: { profiles: { written: {} } } })));
    await expect(creating).resolves.toMatchObject({ agents: ['written'] });
  });

  it('is missing is an omission: a new instance has none yet', async () => {
    const working = join(tempDir('empty'), 'working');
    mkdirSync(working);
    const engine = threadedEngine({
      workingDir: working,
      secretDir: `${working}.secret`,
      backupDir: `${working}.backups`,
      configFile: join(working, 'config.json'),
    });
    const result = await createBackup(engine, fullPayload(), new RecordedJob());
    expect(result.omissions.map(({ path, reason }) => [path, reason])).toEqual([
      ['data/config.json', 'missing_module'],
      ['data/secrets/', 'missing_module'],
      ['data/skill_pool/', 'missing_module'],
    ]);
  });

  it('belongs to no instance at all is refused', async () => {
    const working = join(tempDir('nowhere'), 'gone');
    const engine = threadedEngine({
      workingDir: working,
      secretDir: `${working}.secret`,
      backupDir: `${working}.backups`,
      configFile: join(working, 'config.json'),
    });
    await expect(createBackup(engine, fullPayload(), new RecordedJob())).rejects.toMatchObject({
      code: 'INSTANCE_NOT_FOUND',
    });
  });
});

it.each<[string, Partial<ArchiveLimits>, string | undefined]>([
  ['more entries than an archive may have', { maxEntries: 8 }, 'PAWVAULT_LIMIT_ENTRIES'],
  ['a file that is larger than any may be', { maxFileBytes: 2_000_000 }, 'PAWVAULT_LIMIT_FILE_BYTES'],
  ['more bytes than an archive may have', { maxTotalBytes: 2_000_000 }, 'PAWVAULT_LIMIT_TOTAL_BYTES'],
  ['a larger manifest than there may be', { maxManifestBytes: 2_000 }, 'PAWVAULT_LIMIT_MANIFEST_BYTES'],
])('%s is refused before it is a backup that nobody can open', async (_, limits, limit) => {
  const { directories } = sampleInstance(tempDir('limits'), { database: 'none', mediaBytes: 3_000_000 });
  const engine = threadedEngine(directories, { limits: { ...DEFAULT_LIMITS, ...limits } });
  const refusal = { code: 'ARCHIVE_LIMIT_EXCEEDED', details: { limit } };
  await expect(createBackup(engine, fullPayload(), new RecordedJob())).rejects.toMatchObject(refusal);
  expect(remainsIn(directories.backupDir)).toEqual({ archives: [], work: [], others: [] });
});
