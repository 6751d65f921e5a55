import { createHmac, timingSafeEqual } from 'node:crypto';
import type { AccessToken } from '@pawvault/config';
import type { Request } from '../http';

/** What a ticket is good for, and whose it is. */
export interface Ticket {
  /** The path of the request, to the letter. */
  path: string;
  /** Seconds since 1970. */
  beginBy: number;
  owner: Readonly<AccessToken>;
}

/** A ticket as a request brings it, of which nothing has been proven. */
export type ClaimedTicket = Omit<Ticket, 'owner'> & { mac: string };

const URL_WITH_TICKET = /^([^?#]+)\?ticket=(\d{10})\.([\w-]{43})$/;

export const urlWithTicket = (key: Buffer, ticket: Ticket): string =>
  `${ticket.path}?ticket=${ticket.beginBy}.${macOf(key, ticket)}`;

/** null for a request without one. Tickets are good for reading only. */
export function claimedTicket({ method, originalUrl }: Request): ClaimedTicket | null {
  if (method !== 'GET' && method !== 'HEAD') return null;
  const [, path, beginBy, mac] = URL_WITH_TICKET.exec(originalUrl) ?? [];
  return path === undefined || mac === undefined ? null : { path, beginBy: Number(beginBy), mac };
}

/** Compares in constant time, and the texts themselves: two spellings of one code are two codes. */
export const isTicketOf = (key: Buffer, { path, beginBy, mac }: ClaimedTicket, owner: Ticket['owner']): boolean =>
  timingSafeEqual(Buffer.from(mac), Buffer.from(macOf(key, { path, beginBy, owner })));

/** The digest of the token is in it, so that a ticket dies with the token even when another gets its name. */
const macOf = (key: Buffer, { path, beginBy, owner }: Ticket): string =>
  createHmac('sha256', key)
    .update(JSON.stringify([path, beginBy, owner.name, owner.sha256]))
    .digest('base64url');
