import { Bench } from '../spec-support/bench';

const META_KEYS = [
  'id',
  'name',
  'description',
  'created_at',
  'version',
  'scope',
  'agent_count',
  'qwenpaw_version',
  'system_info',
  'signature',
  'accepted_via_trust',
];

describe('the backups on the wire of QwenPaw', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await Bench.open();
  });
  afterEach(() => bench.close());

  it('are a list of metadata, newest first, without what is PawVault’s own and without signatures', async () => {
    const ids = [await bench.addBackup('native-full.zip'), await bench.addBackup('legacy-unsigned.zip')];
    const answer = await bench.api
      .get('/api/backups')
      .expect(200)
      .expect('content-type', /^application\/json/);
    const listed = answer.body as Record<string, unknown>[];
    expect(listed.map(({ id }) => id).sort()).toEqual(ids.sort());
    for (const meta of listed) expect(Object.keys(meta).sort()).toEqual(META_KEYS.toSorted());
    const times = listed.map(({ created_at }) => Date.parse(String(created_at)));
    expect(times).toEqual(times.toSorted((a, b) => b - a));
    expect(listed.map(({ signature }) => signature)).toEqual([null, null]);
  });

  it('say whether they were accepted through trust: unsigned ones say nothing', async () => {
    const fixtures = ['native-full.zip', 'native-trusted.zip', 'legacy-unsigned.zip'] as const;
    const states: unknown[] = [];
    for (const fixture of fixtures) {
      const id = await bench.addBackup(fixture);
      states.push((await bench.api.get(`/api/backups/${id}`).expect(200)).body.accepted_via_trust);
      await bench.api
        .post('/api/backups/delete')
        .send({ ids: [id] })
        .expect(200);
    }
    expect(states).toEqual([false, true, null]);
  });

  it('that cannot be read are passed over in the list, and refused with the reason on their own', async () => {
    bench.add('native-full.zip');
    bench.add('signing_key', 'broken.zip');
    expect((await bench.api.get('/api/backups').expect(200)).body).toHaveLength(1);
    const { body } = await bench.api.get('/api/backups/broken').expect(400);
    expect(body).toEqual({ detail: expect.any(String) });
  });

  it('have the statistics of their workspaces in the detail', async () => {
    const id = await bench.addBackup('native-full.zip');
    const { body } = await bench.api.get(`/api/backups/${id}`).expect(200);
    expect(Object.keys(body).sort()).toEqual([...META_KEYS, 'workspace_stats'].sort());
    const { agents } = await bench.store.detail(id);
    expect(Object.keys(body.workspace_stats)).toHaveLength(body.agent_count);
    for (const [agent, stats] of Object.entries(agents))
      expect(body.workspace_stats[agent]).toEqual({ files: stats.files, size: stats.bytes, name: stats.name });
  });

  it.each(['/api/backups/nothing', '/api/backups/.hidden', '/api/backups/nothing/export'])(
    'that are not there: GET %s is a 404',
    async (path) => {
      const { body, headers } = await bench.api.get(path).expect(404);
      expect(body).toEqual({ detail: 'Backup not found' });
      expect(headers['content-type']).toBe('application/json');
    },
  );

  it('are exported under their id, whatever their file is called', async () => {
    bench.add('native-full.zip', 'copy of a friend.zip');
    const [backup] = (await bench.store.list()).backups;
    const { headers, body } = await bench.ask(`/api/backups/${backup?.id}/export`);
    expect(headers['content-type']).toBe('application/zip');
    expect(headers['content-disposition']).toContain(`attachment; filename="${backup?.id}.zip"`);
    expect(Number(headers['content-length'])).toBe(backup?.size);
    expect(body).toHaveLength(backup?.size ?? 0);
  });

  it('are deleted one by one, and each that was not says why', async () => {
    const [gone, used] = [await bench.addBackup('native-full.zip'), await bench.addBackup('native-partial.zip')];
    await bench.queue.add('backup.verify', { backup_id: used });
    const ids = [gone, 'nothing', '../etc', used];
    const { body } = await bench.api.post('/api/backups/delete').send({ ids, why: 'tidy' }).expect(200);
    expect(body.deleted).toEqual([gone]);
    expect(body.failed).toEqual([
      { id: 'nothing', reason: 'not found' },
      { id: '../etc', reason: 'not found' },
      { id: used, reason: expect.stringMatching(/job/i) },
    ]);
  });

  it('are deleted by a list and nothing else', async () => {
    expect((await bench.api.post('/api/backups/delete').send({}).expect(422)).body.detail).toEqual([
      { type: 'missing', loc: ['body', 'ids'], msg: 'Field required', input: {} },
    ]);
  });

  it('lets in who may, as everywhere', async () => {
    const closed = await Bench.open({ PAWVAULT_TOKEN: 'a-token-of-a-good-length-0123456789' });
    try {
      const { body } = await closed.api.get('/api/backups').expect(401);
      expect(body.detail).toEqual(expect.any(String));
      await closed.api
        .get('/api/backups')
        .set('Authorization', 'Bearer a-token-of-a-good-length-0123456789')
        .expect(200);
    } finally {
      await closed.close();
    }
    await bench.api.post('/api/backups/delete').set('Origin', 'http://evil.example').send({ ids: [] }).expect(403);
    await bench.api.get('/api/agents').set('Host', 'evil.example').expect(403);
  });
});
