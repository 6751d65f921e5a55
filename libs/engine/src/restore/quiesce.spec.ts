import { once } from 'node:events';
import { existsSync, readFileSync, watch } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { DomainError } from '@pawvault/contracts';
import { tempDir } from '@pawvault/testing';
import { quiesce, type QuiesceAdapter } from './quiesce';

let said: string;
let cancel: AbortController;
beforeEach(() => {
  said = join(tempDir('quiesce'), 'said');
  cancel = new AbortController();
});

const say = (word: string): string => `echo ${word} >> '${said}'`;
const words = (): string[] => (existsSync(said) ? readFileSync(said, 'utf8').trim().split('\n') : []);

/** The commands that bring QwenPaw to rest and wake it. */
const commands = (before: string | null): QuiesceAdapter => ({ kind: 'command', before, after: say('wake') });

const rest = (adapter: QuiesceAdapter, timeoutMs = 10_000): ReturnType<typeof quiesce> =>
  quiesce(adapter, { backupDir: '/nowhere', timeoutMs, signal: cancel.signal });

it('wakes what it has brought to rest when it is told to, and no sooner', async () => {
  const wake = await rest(commands(say('rest')));
  expect(words()).toEqual(['rest']);
  expect(await wake()).toBeNull();
  expect(words()).toEqual(['rest', 'wake']);
});

it.each([
  ['fails', 'exit 3', undefined],
  ['takes too long', 'exec sleep 60', 300],
])('wakes QwenPaw at once when the command %s: it may have stopped it half way', async (_case, then, timeoutMs) => {
  await expect(rest(commands(`${say('rest')}; ${then}`), timeoutMs)).rejects.toMatchObject({
    code: 'RESTORE_QUIESCE_FAILED',
  });
  expect(words()).toEqual(['rest', 'wake']);
});

it('wakes QwenPaw when the restore is cancelled while it goes to rest, and calls it a cancel', async () => {
  const watcher = watch(dirname(said));
  const begun = once(watcher, 'change');
  const resting = rest(commands(`${say('rest')}; exec sleep 60`));
  void begun.then(() => cancel.abort(new DomainError('JOB_CANCELLED')));
  await expect(resting).rejects.toMatchObject({ code: 'JOB_CANCELLED' });
  watcher.close();
  expect(words().at(-1)).toBe('wake');
});

describe('by addresses', () => {
  let server: Server;
  let posts: string[];
  beforeEach(async () => {
    posts = [];
    server = createServer((request, response) => {
      posts.push(`${request.method} ${request.url}`);
      response.writeHead(request.url === '/broken' ? 500 : 204).end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterEach(async () => {
    const closed = once(server, 'close');
    server.close();
    await closed;
  });

  const at = (before: string, after: string): QuiesceAdapter => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return { kind: 'http', before: url + before, after: url + after };
  };

  it('does the same', async () => {
    const wake = await rest(at('/rest', '/wake'));
    expect(await wake()).toBeNull();
    await expect(rest(at('/broken', '/wake'))).rejects.toMatchObject({ code: 'RESTORE_QUIESCE_FAILED' });
    expect(posts).toEqual(['POST /rest', 'POST /wake', 'POST /broken', 'POST /wake']);
  });

  it('says why QwenPaw could not be woken', async () => {
    const wake = await rest(at('/rest', '/broken'));
    expect(await wake()).toContain('500');
  });
});
