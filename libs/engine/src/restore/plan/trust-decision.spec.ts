import { DomainError, type TrustMode, type TrustState } from '@pawvault/contracts';
import { decideTrust, preservesProtectedKeys } from './trust-decision';

const outcome = (state: TrustState, mode: TrustMode | null): string => {
  try {
    return decideTrust(state, mode);
  } catch (error) {
    return error instanceof DomainError ? error.code : 'defect';
  }
};

it.each<[TrustState, string, string, string]>([
  // state            none                               legacy                             foreign
  ['valid', 'own', 'own', 'own'],
  ['unchecked', 'own', 'own', 'own'],
  ['unsigned', 'backup_legacy_unsigned', 'accept', 'backup_legacy_unsigned'],
  ['mismatch', 'backup_signature_mismatch', 'backup_signature_mismatch', 'accept'],
  ['unknown_scheme', 'backup_unknown_signature_scheme', 'backup_unknown_signature_scheme', 'accept'],
])('%s: none %s, legacy %s, foreign %s', (state, none, legacy, foreign) => {
  expect([null, 'legacy' as const, 'foreign' as const].map((mode) => outcome(state, mode))).toEqual([
    none,
    legacy,
    foreign,
  ]);
});

it.each([
  [true, 'valid', null, false, true],
  [false, 'mismatch', 'foreign', true, false],
  [null, 'valid', null, false, false],
  [null, 'valid', null, null, false],
  [null, 'valid', null, true, true],
  [null, 'unsigned', 'legacy', null, true],
  [null, 'mismatch', 'foreign', false, true],
  [null, 'unchecked', null, false, false],
  [null, 'unchecked', 'foreign', false, true],
] as const)('asked %s, %s, trust %s, accepted before %s: preserved is %s', (asked, state, mode, before, expected) => {
  expect(preservesProtectedKeys(asked, { state, mode, acceptedBefore: before })).toBe(expected);
});
