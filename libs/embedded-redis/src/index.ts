/**
 * The Redis that comes with PawVault, for machines on which nobody has set one up.
 *
 * Promise: only this machine reaches it, and only with a password that nobody else has; its data is this user's alone
 * and is never opened by two servers; it ends with the process that started it.
 * Not promised: that jobs survive a restart when there is no real server to run; the notice says so.
 * Invariant: a process that PawVault did not start is never signalled.
 */
export { IN_MEMORY_NOTICE, startRedis } from './start-redis';
export type { RedisKind, RunningRedis, StartRedisOptions } from './start-redis';
export type { Notices } from './notices';
export { lockState } from './state-lock';
export { findProgram } from './server-binary';
