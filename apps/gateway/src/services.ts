import type { Config } from '@pawvault/config';
import type { JobQueue } from '@pawvault/queue';
import type { AuditLog, DownloadKey, Quarantine, Store } from '@pawvault/store';
import type { ConsoleFiles } from './console/console-files';
import type { Tracing } from '@pawvault/tracing';

/** What the gateway works with, made in `main` and injected by these names. */
export interface GatewayServices {
  config: Config;
  store: Store;
  queue: JobQueue;
  auditLog: AuditLog;
  quarantine: Quarantine;
  downloadKey: DownloadKey;
  clock: () => Date;
  /** null: it was not built, and the API is all there is. */
  console: ConsoleFiles | null;
  tracing: Tracing;
}

export const CONFIG = Symbol('config');
export const STORE = Symbol('store');
export const QUEUE = Symbol('queue');
export const QUARANTINE = Symbol('quarantine');
export const AUDIT_LOG = Symbol('audit log');
export const CLOCK = Symbol('clock');
export const TRACING = Symbol('tracing');
/** Everything at its level, where what Nest injects leaves out the news. */
export const LOGGER = Symbol('logger');
