import type { AccessToken } from '@pawvault/config';
import { DomainError } from '@pawvault/contracts';
import type { DownloadKey } from '@pawvault/store';
import { asksForTheRest, expectToGoOn } from '../downloads/resumption';
import { claimedTicket, type ClaimedTicket, isTicketOf, urlWithTicket } from '../downloads/ticket';
import type { Request } from '../http';
import type { Principal } from './principal';

/** From the answer with the ticket to the request with it a browser takes moments. */
const BEGIN_SECONDS = 60;
/** A download that breaks off in the night can be gone on with in the morning. */
const GO_ON_SECONDS = 24 * 60 * 60;
const ARCHIVE = /^\/api\/v1\/backups\/[^/]+\/archive$/;

export interface TicketOffice {
  key: DownloadKey;
  tokens: readonly Readonly<AccessToken>[];
  clock: () => Date;
}

export interface IssuedTicket {
  /** The path with the ticket as its query. */
  url: string;
  /** Until when the download has to begin; null where no token is needed, and the path is all there is to it. */
  expires_at: string | null;
}

/**
 * Addresses that stand for a token where none can be sent: a browser saves a download to disk by going to an address. A ticket is for one path,
 * for reading, and says whose it is; what that one may do is decided anew by the request that brings it.
 */
export class DownloadTickets {
  constructor(private readonly office: TicketOffice) {}

  /** @param path of a download that this principal may have, as the client will ask for it */
  async issue(path: string, { name, role }: Principal): Promise<IssuedTicket> {
    const { tokens, key } = this.office;
    if (tokens.length === 0) return { url: path, expires_at: null };
    const owner = tokens.find((token) => token.name === name && token.role === role);
    if (owner === undefined) throw new DomainError('UNAUTHORIZED');
    const beginBy = this.now() + BEGIN_SECONDS;
    const url = urlWithTicket(await key.obtain(), { path, beginBy, owner });
    return { url, expires_at: new Date(beginBy * 1000).toISOString() };
  }

  /** Whose ticket the request carries, with the role of this moment; null when it carries none that is good for it. */
  async redeem(request: Request): Promise<Principal | null> {
    const ticket = claimedTicket(request);
    const use = ticket === null ? null : this.useOf(ticket, request);
    if (ticket === null || use === null) return null;
    const key = await this.office.key.read();
    // All are compared, as tokens are.
    const [owner] = this.office.tokens.filter((token) => key !== null && isTicketOf(key, ticket, token));
    if (owner === undefined) return null;
    if (use === 'go-on') expectToGoOn(request);
    return { name: owner.name, role: owner.role };
  }

  private useOf({ path, beginBy }: ClaimedTicket, request: Request): 'begin' | 'go-on' | null {
    if (this.now() <= beginBy) return 'begin';
    const inTime = this.now() <= beginBy - BEGIN_SECONDS + GO_ON_SECONDS;
    return inTime && ARCHIVE.test(path) && asksForTheRest(request) ? 'go-on' : null;
  }

  private now(): number {
    return Math.floor(this.office.clock().getTime() / 1000);
  }
}
