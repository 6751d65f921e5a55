import { join } from 'node:path';
import { openArchive, type RewindableHmac } from '@pawvault/archive';
import { DomainError } from '@pawvault/contracts';
import type { EngineDeps } from '../engine';
import type { JobContext } from '../job-context';
import { beginResigning } from '../restore/resign-archive';
import { proveArchive } from '../verify/prove-archive';

/**
 * Writes a copy that is signed with the local key, entries copied raw. All content is proven once more in the pass that signs it: what was
 * checked before may have changed since, and a signature of ours vouches for it.
 * @returns the path of the copy
 * @throws DomainError BACKUP_INVALID
 */
export async function resignImport(
  deps: EngineDeps,
  { source, workDir, context }: { source: string; workDir: string; context: JobContext },
): Promise<string> {
  const reader = await openArchive(source, deps.limits);
  try {
    const resigning = await beginResigning(deps, reader);
    const alsoFeed = (): Promise<[RewindableHmac]> => Promise.resolve([resigning.signature]);
    const proof = await proveArchive(deps, source, { context, extent: 'first-problem', alsoFeed });
    if (proof.problemCount > 0) throw new DomainError('BACKUP_INVALID', undefined, { problem: proof.problems[0] });
    const copy = join(workDir, 'signed.zip');
    await resigning.write(copy, context.signal);
    return copy;
  } finally {
    await reader.close();
  }
}
