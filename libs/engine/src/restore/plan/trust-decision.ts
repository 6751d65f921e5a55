import { DomainError, type TrustMode, type TrustState } from '@pawvault/contracts';

/**
 * Whether an archive may be restored. `accept`: only because the user vouches for it, so it is to be signed anew and marked.
 * 'unchecked' passes: whoever reads the whole archive decides again with what that proves.
 * @throws DomainError backup_legacy_unsigned, backup_signature_mismatch, backup_unknown_signature_scheme
 */
export function decideTrust(state: TrustState, mode: TrustMode | null): 'own' | 'accept' {
  switch (state) {
    case 'valid':
    case 'unchecked':
      return 'own';
    case 'unsigned':
      if (mode === 'legacy') return 'accept';
      throw new DomainError('backup_legacy_unsigned');
    case 'mismatch':
      if (mode === 'foreign') return 'accept';
      throw new DomainError('backup_signature_mismatch');
    case 'unknown_scheme':
      if (mode === 'foreign') return 'accept';
      throw new DomainError('backup_unknown_signature_scheme');
  }
}

/**
 * Whether `security` and `mcp` of the local config.json survive. Left open, they do for archives that came in through trust, now or
 * earlier; an archive that may yet turn out to be foreign and has been vouched for counts as one.
 */
export function preservesProtectedKeys(
  asked: boolean | null,
  archive: { state: TrustState; mode: TrustMode | null; acceptedBefore: boolean | null },
): boolean {
  if (asked !== null) return asked;
  const { state, mode, acceptedBefore } = archive;
  if (acceptedBefore === true || (state === 'unchecked' && mode === 'foreign')) return true;
  return decideTrust(state, mode) === 'accept';
}
