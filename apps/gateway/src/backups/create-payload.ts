import { randomBytes } from 'node:crypto';
import { type BackupScope, type CreatePayload, resolveSelection } from '@pawvault/contracts';
import type { CreateBackupBody } from './backup.body';

/**
 * Time and short id are fixed here, where the job is accepted: however often it is delivered, it makes one backup.
 * @throws DomainError NOTHING_SELECTED, VALIDATION_FAILED
 */
export function createPayload(body: CreateBackupBody, at: Date): CreatePayload {
  const { name, description = '', mode, scope, agents } = body;
  const selection = resolveSelection({
    mode,
    ...(scope === undefined ? {} : { scope: flagsOf(scope) }),
    ...(agents === undefined ? {} : { agents }),
  });
  const identity = { created_at: at.toISOString(), short_id: randomBytes(4).toString('hex') };
  return { name: name.trim(), description: description.trim(), ...selection, ...identity };
}

/** An instance of the body's class has every flag as a property; those that were left out must not overrule the defaults. */
const flagsOf = (scope: Partial<BackupScope>): Partial<BackupScope> =>
  Object.fromEntries(Object.entries(scope).filter(([, flag]) => flag !== undefined));
