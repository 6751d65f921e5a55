import { Bench } from '../spec-support/bench';

let bench: Bench;
beforeEach(async () => (bench = await Bench.open()));
afterEach(() => bench.close());

/** Name with labels → value. */
async function scrape(): Promise<Record<string, number>> {
  const { headers, text } = await bench.api.get('/metrics').expect(200);
  expect(headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
  const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return Object.fromEntries(
    samples.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  );
}

it('shows the queue, the backups and the space that is left', async () => {
  await bench.addBackup('native-full.zip');
  await bench.addBackup('native-partial.zip');
  await bench.queue.add('backup.verify', { backup_id: 'x' });
  const samples = await scrape();
  expect(samples).toMatchObject({
    'pawvault_up{part="queue"}': 1,
    'pawvault_up{part="worker"}': 0,
    'pawvault_up{part="backup_dir"}': 1,
    'pawvault_queue_jobs{queue="parallel",state="waiting"}': 1,
    'pawvault_queue_jobs{queue="exclusive",state="active"}': 0,
    'pawvault_backups{kind="full",verified="never"}': 1,
    'pawvault_backups{kind="partial",verified="never"}': 1,
    pawvault_backups_unreadable: 0,
    'pawvault_last_backup_timestamp_seconds{kind="full"}': Date.parse('2026-11-22T07:43:52.592128Z') / 1000,
  });
  expect(samples['pawvault_backup_directory_free_bytes']).toBeGreaterThan(0);
});

it('counts requests by the pattern of their route, so that ids do not multiply the series', async () => {
  for (const id of ['a', 'b', 'c']) await bench.api.get(`/api/v1/backups/${id}`).expect(404);
  await bench.api.get('/nowhere/at/all').expect(404);
  const samples = await scrape();
  const count = 'pawvault_http_request_duration_seconds_count';
  expect(samples[`${count}{method="GET",route="/api/v1/backups/:id",status="404"}`]).toBe(3);
  expect(samples[`${count}{method="GET",route="none",status="404"}`]).toBe(1);
});

it('still answers when Redis does not, and says so', async () => {
  const lonely = await Bench.open({ REDIS_URL: 'redis://127.0.0.1:1' });
  const { text } = await lonely.api.get('/metrics').expect(200);
  expect(text).toContain('pawvault_up{part="queue"} 0');
  expect(text).toContain('pawvault_up{part="backup_dir"} 1');
  await lonely.close();
});
