import type { Config } from '@pawvault/config';
import type { Engine } from '@pawvault/engine';
import type { Tracing } from '@pawvault/tracing';
import type { Logger } from 'pino';

/** What the worker works with, made in `main` and injected by these names. */
export interface WorkerServices {
  config: Config & { redisUrl: string };
  engine: Engine;
  logger: Logger;
  tracing: Tracing;
}

export const CONFIG = Symbol('config');
export const ENGINE = Symbol('engine');
export const LOGGER = Symbol('logger');
export const TRACING = Symbol('tracing');
