import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { DomainError } from '@pawvault/contracts';
import type { Workload } from './workload/kubernetes-api';
import { restWorkload, type ScaledWorkload, wakeForgotten } from './workload/scale-workload';

/** How QwenPaw is brought to rest for a restore and woken again. One form of each; none of them: the result says that it must be restarted. */
export type QuiesceAdapter =
  | { kind: 'none' }
  /** Shell commands. */
  | { kind: 'command'; before: string | null; after: string | null }
  /** Addresses that are sent a POST. */
  | { kind: 'http'; before: string | null; after: string | null }
  /** A workload that is scaled to zero and back. */
  | { kind: 'kubernetes'; workload: Workload; apiUrl: string; credentialsDir: string };

export interface QuiesceOptions {
  /** Where it is noted what has to be woken. */
  backupDir: string;
  timeoutMs: number;
  signal: AbortSignal;
}

/** Wakes QwenPaw. Returns a sentence for the user when it could not be woken, else null: the restore itself stands. */
export type Resume = () => Promise<string | null>;

/**
 * @returns what wakes QwenPaw again, to be called in any case
 * @throws DomainError RESTORE_QUIESCE_FAILED, the reason of the signal; nothing has been changed then, and QwenPaw is awake
 */
export async function quiesce(adapter: QuiesceAdapter, options: QuiesceOptions): Promise<Resume> {
  if (adapter.kind === 'kubernetes') {
    const wake = await restWorkload(scaledOf(adapter), options);
    return () => tell(wake);
  }
  if (adapter.kind !== 'none' && adapter.before !== null) await bringToRest(adapter, adapter.before, options);
  return () => resume(adapter, options);
}

/** What failed or was cancelled half way may have stopped QwenPaw all the same: it is woken, and the first error is the one that counts. */
async function bringToRest(
  adapter: Extract<QuiesceAdapter, { before: string | null }>,
  before: string,
  options: QuiesceOptions,
): Promise<void> {
  try {
    await act(adapter.kind, before, options);
  } catch (error) {
    await resume(adapter, options);
    options.signal.throwIfAborted();
    throw error;
  }
}

/** Wakes QwenPaw after a restore that an earlier process has begun. While a living process has it at rest, it stays so. */
export function resume(adapter: QuiesceAdapter, options: QuiesceOptions): Promise<string | null> {
  // Not the signal of the job: a restore that was cancelled must wake QwenPaw, too.
  const patient = { ...options, signal: new AbortController().signal };
  if (adapter.kind === 'kubernetes') return tell(() => wakeForgotten(scaledOf(adapter), patient));
  if (adapter.kind === 'none' || adapter.after === null) return Promise.resolve(null);
  const { kind, after } = adapter;
  return tell(() => act(kind, after, patient));
}

/** Wakes what a worker that has died left asleep, where that can be told: what was scaled to zero is noted on disk. */
export const resumeForgotten = (adapter: QuiesceAdapter, options: QuiesceOptions): Promise<string | null> =>
  adapter.kind === 'kubernetes' ? resume(adapter, options) : Promise.resolve(null);

const scaledOf = (adapter: Extract<QuiesceAdapter, { kind: 'kubernetes' }>): ScaledWorkload => ({
  access: { apiUrl: adapter.apiUrl, credentialsDir: adapter.credentialsDir },
  workload: adapter.workload,
});

async function tell(wake: () => Promise<unknown>): Promise<string | null> {
  try {
    await wake();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

type Acting = Omit<QuiesceOptions, 'backupDir'>;

const act = (kind: 'command' | 'http', what: string, options: Acting): Promise<void> =>
  kind === 'command' ? runCommand(what, options) : post(what, options);

async function runCommand(command: string, { timeoutMs, signal }: Acting): Promise<void> {
  const child = spawn('sh', ['-c', command], { stdio: ['ignore', 'ignore', 'pipe'], timeout: timeoutMs, signal });
  let output = '';
  child.stderr.on('data', (chunk: Buffer) => (output = `${output}${chunk.toString('utf8')}`.slice(-500)));
  const [code] = (await once(child, 'close').catch((error: unknown) => {
    throw new DomainError('RESTORE_QUIESCE_FAILED', undefined, { command }, { cause: error });
  })) as [number | null];
  if (code !== 0)
    throw new DomainError('RESTORE_QUIESCE_FAILED', `The command ended with ${code ?? 'a signal'}`, {
      command,
      output,
    });
}

async function post(address: string, { timeoutMs, signal }: Acting): Promise<void> {
  const bounded = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  const response = await fetch(address, { method: 'POST', signal: bounded }).catch((error: unknown) => {
    throw new DomainError('RESTORE_QUIESCE_FAILED', undefined, { address }, { cause: error });
  });
  if (!response.ok)
    throw new DomainError('RESTORE_QUIESCE_FAILED', `The address answered ${response.status}`, { address });
}
