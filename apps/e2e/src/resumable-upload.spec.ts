import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ImportView } from '@pawvault/contracts';
import { isRunning, qwenpawFixture } from '@pawvault/testing';
import { restorableInstance } from './spec-support/restorable-instance';
import { startStack } from './spec-support/stack';
import { until } from './spec-support/until';

const TUS = { 'Tus-Resumable': '1.0.0' };

it('an upload goes on where it was when the gateway was killed', async () => {
  const place = restorableInstance();
  mkdirSync(place.backupDir, { mode: 0o700 });
  copyFileSync(qwenpawFixture('signing_key'), join(place.backupDir, '.signing_key'));
  const archive = new Uint8Array(readFileSync(qwenpawFixture('native-full.zip')));
  const stack = await startStack(place);
  const created = await fetch(`${stack.url}/api/v1/uploads`, {
    method: 'POST',
    headers: { ...TUS, 'Upload-Length': String(archive.length) },
  });
  expect(created.status).toBe(201);
  const path = created.headers.get('location') ?? '';
  const append = (offset: number, end: number): Promise<Response> =>
    fetch(stack.url + path, {
      method: 'PATCH',
      headers: { ...TUS, 'Upload-Offset': String(offset), 'Content-Type': 'application/offset+octet-stream' },
      body: archive.slice(offset, end),
    });
  expect((await append(0, 2000)).status).toBe(204);

  const gateway = stack.processOf('gateway');
  process.kill(gateway.pid, 'SIGKILL');
  await until('the gateway is gone', () => !isRunning(gateway.pid));
  const offset = async (): Promise<string | null> => {
    const response = await fetch(stack.url + path, { method: 'HEAD', headers: TUS }).catch(() => null);
    return response?.headers.get('upload-offset') ?? null;
  };
  await until('the gateway is back and knows the upload', async () => (await offset()) === '2000', 30_000);
  expect((await append(2000, archive.length)).status).toBe(204);
  const look = (): Promise<ImportView> => stack.client.get<ImportView>(path.replace('uploads', 'imports'));
  await until('the import is a backup', async () => (await look()).state === 'accepted');
  expect(await look()).toMatchObject({ state: 'accepted', size: archive.length });
});
