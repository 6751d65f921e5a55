import type { Config } from '@pawvault/config';
import type { JobQueue } from '@pawvault/queue';
import type { AuditLog, Store } from '@pawvault/store';

/** What the gateway works with, made in `main` and injected by these names. */
export interface GatewayServices {
  config: Config;
  store: Store;
  queue: JobQueue;
  auditLog: AuditLog;
  clock: () => Date;
}

export const CONFIG = Symbol('config');
export const STORE = Symbol('store');
export const QUEUE = Symbol('queue');
export const AUDIT_LOG = Symbol('audit log');
export const CLOCK = Symbol('clock');
