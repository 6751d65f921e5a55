import { DomainError } from '@pawvault/contracts';
import { describeRedis, parseRedisUrl } from './redis-address';

const plain = { kind: 'single', tls: false, username: null, password: null, master: '', db: 0 };

it.each([
  ['redis://paw', { ...plain, nodes: [{ host: 'paw', port: 6379 }] }],
  ['redis://127.0.0.1:7000/3', { ...plain, nodes: [{ host: '127.0.0.1', port: 7000 }], db: 3 }],
  ['redis://[::1]:7000', { ...plain, nodes: [{ host: '::1', port: 7000 }] }],
  [
    'rediss://me:p%40ss%2Fword@paw',
    { ...plain, tls: true, username: 'me', password: 'p@ss/word', nodes: [{ host: 'paw', port: 6379 }] },
  ],
  ['redis://:secret@paw', { ...plain, password: 'secret', nodes: [{ host: 'paw', port: 6379 }] }],
  [
    'redis+sentinel://:secret@a,b:7,c/main?db=2',
    {
      ...plain,
      kind: 'sentinel',
      password: 'secret',
      nodes: [
        { host: 'a', port: 26379 },
        { host: 'b', port: 7 },
        { host: 'c', port: 26379 },
      ],
      master: 'main',
      db: 2,
    },
  ],
])('%s is understood', (url, address) => {
  expect(parseRedisUrl(url)).toEqual(address);
});

it.each([
  'http://paw',
  'redis://',
  'redis://a,b',
  'redis://paw:70000',
  'redis://paw/x',
  'redis+sentinel://a,b',
  'redis+cluster://a',
  'redis+raft://a',
  'redis://paw:6379/0?x=1',
])('%s is refused, without a word of it', (url) => {
  const secret = url.replace('://', '://me:hunter2@');
  for (const given of [url, secret]) {
    let refusal: unknown;
    try {
      parseRedisUrl(given);
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(DomainError);
    expect(refusal).toMatchObject({ code: 'CONFIG_INVALID', details: { keys: ['REDIS_URL'] } });
    expect(String(refusal)).not.toContain('hunter2');
  }
});

it('is described without its password', () => {
  expect(describeRedis(parseRedisUrl('redis://me:hunter2@paw'))).toBe('paw:6379');
  expect(describeRedis(parseRedisUrl('redis+sentinel://:hunter2@a,b/main'))).toBe('sentinel a:26379,b:26379 main');
});
