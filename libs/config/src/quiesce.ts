import type { Environment } from './environment';

/** How QwenPaw is brought to rest for a restore and woken again. May hold credentials: never log it. */
export type Quiesce =
  | { kind: 'none' }
  /** Shell commands. */
  | { kind: 'command'; before: string | null; after: string | null }
  /** Addresses that get a POST. */
  | { kind: 'http'; before: string | null; after: string | null }
  /** A workload that is scaled to zero and back. */
  | {
      kind: 'kubernetes';
      workload: {
        kind: 'deployment' | 'statefulset';
        name: string;
        /** null: the one of the service account. */
        namespace: string | null;
      };
      apiUrl: string;
      credentialsDir: string;
    };

/** The ways there are, each with the variables that choose it. */
const WAYS = [
  ['PAWVAULT_QUIESCE_COMMAND_BEFORE', 'PAWVAULT_QUIESCE_COMMAND_AFTER'],
  ['PAWVAULT_QUIESCE_URL_BEFORE', 'PAWVAULT_QUIESCE_URL_AFTER'],
  ['PAWVAULT_QUIESCE_KUBERNETES'],
] as const;

/** The variables that are set although one of another way is; empty when all is well. */
export function quiesceConflict(environment: Environment): (keyof Environment)[] {
  const given = WAYS.map((names) => names.filter((name) => environment[name] !== null));
  return given.filter((names) => names.length > 0).length > 1 ? given.flat() : [];
}

export function toQuiesce(environment: Environment): Quiesce {
  const { PAWVAULT_QUIESCE_COMMAND_BEFORE, PAWVAULT_QUIESCE_COMMAND_AFTER } = environment;
  const { PAWVAULT_QUIESCE_URL_BEFORE, PAWVAULT_QUIESCE_URL_AFTER } = environment;
  if (PAWVAULT_QUIESCE_COMMAND_BEFORE !== null || PAWVAULT_QUIESCE_COMMAND_AFTER !== null)
    return { kind: 'command', before: PAWVAULT_QUIESCE_COMMAND_BEFORE, after: PAWVAULT_QUIESCE_COMMAND_AFTER };
  if (PAWVAULT_QUIESCE_URL_BEFORE !== null || PAWVAULT_QUIESCE_URL_AFTER !== null)
    return { kind: 'http', before: PAWVAULT_QUIESCE_URL_BEFORE, after: PAWVAULT_QUIESCE_URL_AFTER };
  const { PAWVAULT_QUIESCE_KUBERNETES } = environment;
  return PAWVAULT_QUIESCE_KUBERNETES === null ? { kind: 'none' } : toScaling(environment, PAWVAULT_QUIESCE_KUBERNETES);
}

function toScaling(environment: Environment, text: string): Quiesce {
  const [kind = '', name = ''] = text.split('/');
  return {
    kind: 'kubernetes',
    workload: {
      kind: kind === 'statefulset' ? 'statefulset' : 'deployment',
      name,
      namespace: environment.PAWVAULT_QUIESCE_KUBERNETES_NAMESPACE,
    },
    apiUrl: environment.PAWVAULT_QUIESCE_KUBERNETES_URL,
    credentialsDir: environment.PAWVAULT_QUIESCE_KUBERNETES_CREDENTIALS,
  };
}
