import {
  closeSync,
  createReadStream,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFile,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { open, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { failNthCall, type FailureInjection, type FailureOptions } from './fail-nth-call';
import { tempDir } from './temp-dir';

describe('failNthCall', () => {
  let root: string;
  let injection: FailureInjection | null = null;
  const failNth = async (nth: number, options: Partial<FailureOptions> = {}): Promise<FailureInjection> =>
    (injection = await failNthCall(nth, { under: root, ...options }));

  beforeEach(() => {
    root = tempDir();
    writeFileSync(join(root, 'a'), 'content');
  });
  afterEach(() => injection?.restore());

  it('fails a synchronous call with the errno that was asked for, and leaves its effect out', async () => {
    const { failed } = await failNth(1, { errno: 'ENOSPC' });
    expect(() => renameSync(join(root, 'a'), join(root, 'b'))).toThrow(
      expect.objectContaining({ code: 'ENOSPC', errno: -28, syscall: 'rename', path: join(root, 'a') }),
    );
    expect(failed()).toEqual({ name: 'renameSync', target: join(root, 'a') });
    expect(readFileSync(join(root, 'a'), 'utf8')).toBe('content');
  });

  it('fails promises, callbacks and promisified functions', async () => {
    await failNth(1, { lasting: 'onwards' });
    await expect(rename(join(root, 'a'), join(root, 'b'))).rejects.toMatchObject({ code: 'EIO' });
    await expect(promisify(writeFile)(join(root, 'a'), 'new')).rejects.toMatchObject({ code: 'EIO' });
    await expect(stat(new URL(`file://${root}/a`))).rejects.toMatchObject({ code: 'EIO' });
    await expect(stat(Buffer.from(root))).rejects.toMatchObject({ code: 'EIO' });
  });

  it('counts calls and fails only the one, unless it is to last', async () => {
    const { calls } = await failNth(2);
    await expect(readFile(join(root, 'a'), 'utf8')).resolves.toBe('content');
    await expect(readFile(join(root, 'a'), 'utf8')).rejects.toMatchObject({ code: 'EIO' });
    await expect(readFile(join(root, 'a'), 'utf8')).resolves.toBe('content');
    expect(calls()).toBe(3);
  });

  it('reaches the methods of a FileHandle', async () => {
    const { failed } = await failNth(3);
    const handle = await open(join(root, 'a'), 'r+');
    await handle.write('x');
    await expect(handle.sync()).rejects.toMatchObject({ code: 'EIO', syscall: 'sync' });
    expect(failed()?.name).toBe('FileHandle.sync');
    await handle.close();
  });

  it('reaches a file descriptor, and closes it although closing fails', async () => {
    await failNth(3);
    const descriptor = openSync(join(root, 'a'), 'r+');
    writeSync(descriptor, 'x');
    expect(() => closeSync(descriptor)).toThrow(expect.objectContaining({ code: 'EIO' }));
    expect(() => writeSync(descriptor, 'y')).toThrow(expect.objectContaining({ code: 'EBADF' }));
  });

  it('closes a FileHandle although closing fails', async () => {
    await failNth(2);
    const handle = await open(join(root, 'a'));
    await expect(handle.close()).rejects.toMatchObject({ code: 'EIO' });
    expect(handle.fd).toBe(-1);
  });

  it('reaches streams', async () => {
    const { failed } = await failNth(2);
    const reading = async (): Promise<void> => {
      for await (const _chunk of createReadStream(join(root, 'a'))) continue;
    };
    await expect(reading()).rejects.toMatchObject({ code: 'EIO' });
    expect(failed()?.name).toBe('read');
  });

  it('does not see what lies elsewhere', async () => {
    const elsewhere = tempDir();
    const { calls } = await failNth(1);
    writeFileSync(join(elsewhere, 'b'), '');
    writeFileSync(`${root}-beside`, '');
    rmSync(`${root}-beside`);
    expect(calls()).toBe(0);
  });

  it('leaves out the calls that a filter refuses', async () => {
    const { failed } = await failNth(1, { only: ({ name }) => name.startsWith('rename') });
    expect(readFileSync(join(root, 'a'), 'utf8')).toBe('content');
    expect(() => renameSync(join(root, 'a'), join(root, 'b'))).toThrow('EIO');
    expect(failed()?.name).toBe('renameSync');
  });

  it('puts everything back', async () => {
    const functions = (): unknown[] => [renameSync, writeFile, open, stat];
    const before = functions();
    const injected = await failNth(1, { lasting: 'onwards' });
    expect(functions()).not.toEqual(before);
    injected.restore();
    expect(functions()).toEqual(before);
    await expect(readFile(join(root, 'a'), 'utf8')).resolves.toBe('content');
  });

  it('refuses a second injection and an unknown errno', async () => {
    await failNth(1, { errno: 'EWHAT' });
    await expect(failNthCall(1, { under: root })).rejects.toThrow('active');
    expect(() => readFileSync(join(root, 'a'))).toThrow('Unknown errno EWHAT');
  });
});
