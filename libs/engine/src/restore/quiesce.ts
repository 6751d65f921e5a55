import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { DomainError } from '@pawvault/contracts';

/** How QwenPaw is brought to rest for a restore and woken again. One form of each; none of them: the result says that it must be restarted. */
export type QuiesceAdapter =
  | { kind: 'none' }
  /** Shell commands. */
  | { kind: 'command'; before: string | null; after: string | null }
  /** Addresses that are sent a POST. */
  | { kind: 'http'; before: string | null; after: string | null };

export interface QuiesceOptions {
  timeoutMs: number;
  signal: AbortSignal;
}

/** @throws DomainError RESTORE_QUIESCE_FAILED; nothing has been changed then */
export async function quiesce(adapter: QuiesceAdapter, options: QuiesceOptions): Promise<void> {
  if (adapter.kind !== 'none' && adapter.before !== null) await act(adapter.kind, adapter.before, options);
}

/** @returns a sentence for the user when QwenPaw could not be woken, else null: the restore itself stands */
export async function resume(adapter: QuiesceAdapter, options: QuiesceOptions): Promise<string | null> {
  if (adapter.kind === 'none' || adapter.after === null) return null;
  try {
    await act(adapter.kind, adapter.after, options);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const act = (kind: 'command' | 'http', what: string, options: QuiesceOptions): Promise<void> =>
  kind === 'command' ? runCommand(what, options) : post(what, options);

async function runCommand(command: string, { timeoutMs, signal }: QuiesceOptions): Promise<void> {
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

async function post(address: string, { timeoutMs, signal }: QuiesceOptions): Promise<void> {
  const bounded = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  const response = await fetch(address, { method: 'POST', signal: bounded }).catch((error: unknown) => {
    throw new DomainError('RESTORE_QUIESCE_FAILED', undefined, { address }, { cause: error });
  });
  if (!response.ok)
    throw new DomainError('RESTORE_QUIESCE_FAILED', `The address answered ${response.status}`, { address });
}
