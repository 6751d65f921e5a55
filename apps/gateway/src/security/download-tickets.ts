import { createHmac, timingSafeEqual } from 'node:crypto';
import type { DownloadKey } from '@pawvault/store';
import type { Request } from '../http';
import { pathOf } from '../requests/request-id';

/** Long enough to go on with a download that broke off, short enough for an address that stays in a browser's history. */
const LIFETIME_MS = 10 * 60_000;
const PARAMETER = 'ticket';
const METHODS = new Set(['GET', 'HEAD']);
export interface Ticket {
  /** The path with the ticket as its query. */
  url: string;
  expires_at: string;
}

/**
 * Addresses that stand for a token where none can be sent: a browser saves a download to disk by going to an address. A ticket opens one
 * path, for reading, for ten minutes, with the rights that its owner's token has then.
 */
export class DownloadTickets {
  constructor(
    private readonly key: DownloadKey,
    private readonly clock: () => Date,
  ) {}

  /** @param path of a download, escaped as the client will ask for it */
  async issue(path: string, owner: string): Promise<Ticket> {
    const expires = this.clock().getTime() + LIFETIME_MS;
    const mac = macOf(await this.key.obtain(), { path, owner, expires });
    const ticket = [Buffer.from(owner).toString('base64url'), expires.toString(36), mac.toString('base64url')].join(
      '.',
    );
    return { url: `${path}?${PARAMETER}=${ticket}`, expires_at: new Date(expires).toISOString() };
  }

  /** Whose ticket the request carries; null when it carries none that is right, for this path, and not expired. */
  async redeem(request: Request): Promise<string | null> {
    const parts = ticketOf(request)?.split('.');
    if (parts?.length !== 3) return null;
    const [owner, expires, mac] = [text(parts[0]), parseInt(parts[1] ?? '', 36), bytes(parts[2])];
    const key = await this.key.read();
    if (key === null || !Number.isSafeInteger(expires)) return null;
    const right = macOf(key, { path: pathOf(request), owner, expires });
    const genuine = mac.length === right.length && timingSafeEqual(mac, right);
    return genuine && this.clock().getTime() < expires ? owner : null;
  }
}

function ticketOf({ method, originalUrl }: Request): string | null {
  if (!METHODS.has(method)) return null;
  const query = originalUrl.indexOf('?');
  return query === -1 ? null : new URLSearchParams(originalUrl.slice(query + 1)).get(PARAMETER);
}

const macOf = (key: Buffer, facts: { path: string; owner: string; expires: number }): Buffer =>
  createHmac('sha256', key)
    .update(JSON.stringify(['pawvault-download', facts.path, facts.owner, facts.expires]))
    .digest();

const bytes = (part = ''): Buffer => Buffer.from(part, 'base64url');
const text = (part = ''): string => bytes(part).toString();
