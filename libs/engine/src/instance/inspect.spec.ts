import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sampleInstance, tempDir } from '@pawvault/testing';
import { plainEngine, RecordedJob, fullPayload } from '../spec-support/engine-bench';
import { createBackup } from '../create/create-backup';
import { bareInstance } from '../spec-support/bare-instance';
import { inspectInstance } from './inspect';
import { qwenpawVersion } from './qwenpaw-version';

it('the instance is seen as a full backup would take it', async () => {
  const sample = sampleInstance(tempDir('inspect'), { database: 'none' });
  const engine = plainEngine(sample.directories);
  const view = await inspectInstance(engine, new RecordedJob());
  const result = await createBackup(engine, fullPayload(), new RecordedJob());
  const parts = [...view.agents, ...Object.values(view.modules)];
  expect(parts.reduce((sum, { files }) => sum + files, 0)).toBe(result.files);
  expect(parts.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(result.bytes);
  expect(view).toMatchObject({
    instance_id: 'default',
    qwenpaw_version: '1.1.9',
    active_agent: 'default',
    modules: { global_config: { files: 1, exists: true }, skill_pool: { files: 2 }, secrets: { files: 5 } },
    warnings: [{ code: 'WORKSPACE_MISSING' }],
  });
  expect(
    view.agents.map(({ id, name, enabled, exists, workspace_dir: workspaceDir }) => ({
      id,
      name,
      enabled,
      exists,
      workspaceDir,
    })),
  ).toEqual(sample.agents);
  expect(view.backup_dir_free_bytes).toBeGreaterThan(0);
});

it('an instance without secrets or skills says so, and no name is the id', async () => {
  const { directories } = bareInstance();
  const view = await inspectInstance(plainEngine(directories), new RecordedJob());
  expect(view.modules).toMatchObject({ skill_pool: { exists: false, files: 0 }, secrets: { exists: false } });
  expect(view.agents).toMatchObject([{ id: 'a', name: 'a', exists: true, files: 0 }]);
});

describe('the version of QwenPaw', () => {
  const asked = async (status: number, body: string): Promise<string> => {
    const server = createServer((request, response) => {
      response
        .writeHead(request.url === '/api/version' ? status : 404, { 'content-type': 'application/json' })
        .end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    try {
      return await qwenpawVersion({ qwenpawVersion: null, qwenpawApiUrl: `http://127.0.0.1:${port}` });
    } finally {
      server.close();
    }
  };

  it('is what is configured, else what the API answers, else unknown', async () => {
    await expect(qwenpawVersion({ qwenpawVersion: '1.2.3', qwenpawApiUrl: 'http://127.0.0.1:1' })).resolves.toBe(
      '1.2.3',
    );
    await expect(asked(200, '{"version":"1.1.9b1"}')).resolves.toBe('1.1.9b1');
    await expect(qwenpawVersion({ qwenpawVersion: null, qwenpawApiUrl: null })).resolves.toBe('unknown');
  });

  it.each([
    [500, '{"version":"1"}'],
    [200, 'no JSON'],
    [200, '{"version":7}'],
    [200, '{"version":""}'],
    [200, 'null'],
  ])('is unknown when the API answers %i %s', async (status, body) => {
    await expect(asked(status, body)).resolves.toBe('unknown');
  });

  it('is unknown when nobody answers, and cut when it is endless', async () => {
    await expect(qwenpawVersion({ qwenpawVersion: null, qwenpawApiUrl: 'http://127.0.0.1:1' })).resolves.toBe(
      'unknown',
    );
    await expect(asked(200, JSON.stringify({ version: '9'.repeat(5_000) }))).resolves.toHaveLength(100);
  });
});
