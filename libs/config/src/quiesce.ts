import type { Environment } from './environment';

/** How QwenPaw is brought to rest for a restore and woken again. May hold credentials: never log it. */
export type Quiesce =
  | { kind: 'none' }
  /** Shell commands. */
  | { kind: 'command'; before: string | null; after: string | null }
  /** Addresses that get a POST. */
  | { kind: 'http'; before: string | null; after: string | null };

/** The variables that are set although one of the other kind is; empty when all is well. */
export function quiesceConflict(environment: Environment): (keyof Environment)[] {
  const commands = ['PAWVAULT_QUIESCE_COMMAND_BEFORE', 'PAWVAULT_QUIESCE_COMMAND_AFTER'] as const;
  const addresses = ['PAWVAULT_QUIESCE_URL_BEFORE', 'PAWVAULT_QUIESCE_URL_AFTER'] as const;
  const given = [commands, addresses].map((names) => names.filter((name) => environment[name] !== null));
  return given.every((names) => names.length > 0) ? given.flat() : [];
}

export function toQuiesce(environment: Environment): Quiesce {
  const { PAWVAULT_QUIESCE_COMMAND_BEFORE, PAWVAULT_QUIESCE_COMMAND_AFTER } = environment;
  const { PAWVAULT_QUIESCE_URL_BEFORE, PAWVAULT_QUIESCE_URL_AFTER } = environment;
  if (PAWVAULT_QUIESCE_COMMAND_BEFORE !== null || PAWVAULT_QUIESCE_COMMAND_AFTER !== null)
    return { kind: 'command', before: PAWVAULT_QUIESCE_COMMAND_BEFORE, after: PAWVAULT_QUIESCE_COMMAND_AFTER };
  if (PAWVAULT_QUIESCE_URL_BEFORE !== null || PAWVAULT_QUIESCE_URL_AFTER !== null)
    return { kind: 'http', before: PAWVAULT_QUIESCE_URL_BEFORE, after: PAWVAULT_QUIESCE_URL_AFTER };
  return { kind: 'none' };
}
