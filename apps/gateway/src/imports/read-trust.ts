import { DomainError, TRUST_MODES, type TrustMode } from '@pawvault/contracts';

/** What somebody has said with an upload. Empty, as forms send what is not filled in, is nothing. @throws DomainError VALIDATION_FAILED */
export function readTrust(given: string | null | undefined): TrustMode | null {
  if (given === undefined || given === null || given === '') return null;
  const mode = TRUST_MODES.find((each) => each === given);
  if (mode !== undefined) return mode;
  throw new DomainError('VALIDATION_FAILED', 'trust_mode must be legacy or foreign', { fields: ['trust_mode'] });
}
