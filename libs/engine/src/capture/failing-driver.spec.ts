import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { backUp, bareInstance, PREFIX } from '../spec-support/bare-instance';
import { plainEngine } from '../spec-support/engine-bench';

jest.mock(
  'libsql',
  () =>
    class {
      constructor() {
        throw new Error('the binary is of another libc');
      }
    },
);

it('a driver that fails leaves databases in the backup as they lie, with a warning', async () => {
  const { workspace, directories } = bareInstance();
  const content = Buffer.concat([Buffer.from('SQLite format 3\0'), Buffer.alloc(4080)]);
  const large = Buffer.concat([content, Buffer.alloc(1 << 20)]);
  const databases = { 'large.db': large, 'plain.db': content, 'used.db': content };
  for (const [name, bytes] of Object.entries(databases)) writeFileSync(join(workspace, name), bytes);
  writeFileSync(join(workspace, 'used.db-wal'), 'log');
  const { view, job } = await backUp(plainEngine(directories));
  expect(job.codes.sort()).toEqual(['SQLITE_NOT_SOUND', 'SQLITE_NOT_SOUND', 'SQLITE_RAW_COPY']);
  for (const [name, bytes] of Object.entries(databases)) {
    expect(view.content(PREFIX + name).equals(bytes)).toBe(true);
    expect(view.manifest.get(PREFIX + name)?.unstable).toBe(true);
  }
  expect(view.content(`${PREFIX}used.db-wal`).toString()).toBe('log');
});
