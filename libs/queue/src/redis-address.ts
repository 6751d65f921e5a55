import { DomainError } from '@pawvault/contracts';

export interface RedisNode {
  host: string;
  port: number;
}

/** Where Redis is, from REDIS_URL. Holds the password: never log it. */
export interface RedisAddress {
  /** sentinel: the nodes are those to ask for the master. */
  kind: 'single' | 'sentinel';
  tls: boolean;
  username: string | null;
  password: string | null;
  nodes: RedisNode[];
  /** Name of the master that the sentinels watch; empty for the other kinds. */
  master: string;
  db: number;
}

const URL_FORM =
  /^redis(?<tls>s?)(?:\+(?<kind>sentinel))?:\/\/(?:(?<user>[^:@/]*)(?::(?<password>[^@/]*))?@)?(?<nodes>[^/?@]+)(?:\/(?<path>[^?]*))?(?:\?db=(?<db>\d+))?$/;
const DEFAULT_PORT = { single: 6379, sentinel: 26379 };

/**
 * `redis[s]://[user:password@]host[:port][/db]` or `redis[s]+sentinel://[…@]host[:port],…/master[?db=n]`.
 * @throws DomainError CONFIG_INVALID, which names the variable and never the value
 */
export function parseRedisUrl(url: string): RedisAddress {
  const parts = URL_FORM.exec(url)?.groups;
  const kind = (parts?.['kind'] ?? 'single') as RedisAddress['kind'];
  const nodes = (parts?.['nodes'] ?? '').split(',').map((text) => nodeOf(text, DEFAULT_PORT[kind]));
  const path = parts?.['path'] ?? '';
  const db = kind === 'single' ? path || '0' : (parts?.['db'] ?? '0');
  const master = kind === 'sentinel' ? decode(path) : '';
  const known = nodes.filter((node) => node !== null);
  const sound =
    parts !== undefined &&
    known.length === nodes.length &&
    (kind !== 'single' || nodes.length === 1) &&
    (kind !== 'sentinel' || master !== '') &&
    /^\d{1,4}$/.test(db);
  if (!sound) throw new DomainError('CONFIG_INVALID', 'REDIS_URL is no address of a Redis', { keys: ['REDIS_URL'] });
  const [username, password] = [decode(parts['user'] ?? ''), decode(parts['password'] ?? '')];
  return {
    kind,
    tls: parts['tls'] === 's',
    username: username || null,
    password: password || null,
    nodes: known,
    master,
    db: Number(db),
  };
}

/** What may be logged. */
export const describeRedis = ({ kind, nodes, master }: RedisAddress): string =>
  [
    ...(kind === 'single' ? [] : [kind]),
    nodes.map(({ host, port }) => `${host}:${port}`).join(','),
    ...(master ? [master] : []),
  ].join(' ');

function nodeOf(text: string, defaultPort: number): RedisNode | null {
  const match = /^(?:\[([0-9a-f:.]+)\]|([\w.-]+))(?::(\d{1,5}))?$/i.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = match?.[3] === undefined ? defaultPort : Number(match[3]);
  return host === undefined || port === 0 || port > 65535 ? null : { host, port };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
