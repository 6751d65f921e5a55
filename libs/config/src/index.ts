/**
 * The environment as one frozen, validated value.
 *
 * Promise: what `loadConfig` returns is complete and within bounds; every variable that exists stands in one table.
 * Not promised: that the directories exist or can be written to; whoever uses them finds that out.
 * Invariant: an error names keys, never values.
 */
export { isLoopback, loadConfig } from './load';
export type { Config, Limits } from './load';
export type { AccessToken } from './access-tokens';
export { resolveDirectories } from './directories';
export type { Directories, Surroundings } from './directories';
export type { Quiesce } from './quiesce';
export { LOG_LEVELS } from './environment';
export type { LogLevel } from './environment';
export { VARIABLES } from './variables';
export type { VariableName } from './variables';
