import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '@pawvault/config';
import { DomainError } from '@pawvault/contracts';
import type { Store } from '@pawvault/store';
import type { Request } from '../http';
import type { Principal } from '../security/principal';
import { CLOCK, CONFIG, STORE } from '../services';
import { asksForTheRest, expectToGoOn } from './resumption';
import { claimedTicket, type ClaimedTicket, isTicketOf, urlWithTicket } from './ticket';

/** From the answer with the ticket to the request with it a browser takes moments. */
const BEGIN_SECONDS = 60;
/** A download that breaks off in the night can be gone on with in the morning. */
const GO_ON_SECONDS = 24 * 60 * 60;
const ARCHIVE = /^\/api\/v1\/backups\/[^/]+\/archive$/;

export interface DownloadAddress {
  url: string;
  expires_at: string | null;
}

/**
 * Stands in for a token where a browser cannot send one: when it saves a file. A ticket is for one path and says whose it is; what that one
 * may do is decided anew by the request that brings it. Every gateway on the same backup directory knows the tickets of the others, because
 * the key comes from there: who can read that directory needs no ticket, and who reads the configuration alone can make none.
 */
@Injectable()
export class DownloadTickets {
  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(STORE) private readonly store: Store,
    @Inject(CLOCK) private readonly clock: () => Date,
  ) {}

  /** @param path of a download that this principal may have; where no token is needed it is the answer */
  async issue({ name, role }: Principal, path: string): Promise<DownloadAddress> {
    const { accessTokens } = this.config;
    if (accessTokens.length === 0) return { url: path, expires_at: null };
    const holder = accessTokens.find((token) => token.name === name && token.role === role);
    if (holder === undefined) throw new DomainError('UNAUTHORIZED');
    const beginBy = this.now() + BEGIN_SECONDS;
    const url = urlWithTicket(await this.key(), { path, beginBy, holder });
    return { url, expires_at: new Date(beginBy * 1000).toISOString() };
  }

  /** Whose ticket a request brings, with the role of this moment; null when it brings none that is good. */
  async holderOf(request: Request): Promise<Principal | null> {
    const ticket = claimedTicket(request);
    const use = ticket === null ? null : this.useOf(ticket, request);
    if (ticket === null || use === null) return null;
    const key = await this.key();
    // All are compared, as tokens are.
    const [holder] = this.config.accessTokens.filter((token) => isTicketOf(key, ticket, token));
    if (holder === undefined) return null;
    if (use === 'go-on') expectToGoOn(request);
    return { name: holder.name, role: holder.role };
  }

  private useOf({ path, beginBy }: ClaimedTicket, request: Request): 'begin' | 'go-on' | null {
    if (this.now() <= beginBy) return 'begin';
    const inTime = this.now() <= beginBy - BEGIN_SECONDS + GO_ON_SECONDS;
    return inTime && ARCHIVE.test(path) && asksForTheRest(request) ? 'go-on' : null;
  }

  private key(): Promise<Buffer> {
    return this.store.derivedKey('download ticket');
  }

  private now(): number {
    return Math.floor(this.clock().getTime() / 1000);
  }
}
