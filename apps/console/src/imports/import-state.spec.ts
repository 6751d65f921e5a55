import type { ImportState, ImportView } from '@pawvault/contracts';
import { problemOf, ProblemError } from '../api/problem';
import { acceptBody, isDecided, isForgotten, isOpen, isUnderWay } from './import-state';

const CONFLICT = { id: 'b-1', name: 'Old', created_at: '2026-04-20T09:30:00Z', size: 1 };

const view = (part: Partial<ImportView>): ImportView => ({
  id: 'i',
  state: 'needs_decision',
  file_name: null,
  size: 1,
  created_at: '2026-04-20T09:30:00Z',
  expires_at: null,
  job_id: null,
  meta: null,
  report: [],
  conflict: null,
  trust_needed: null,
  backup_id: null,
  ...part,
});

describe('a decision', () => {
  it.each([
    [{}, { overwrite: false, trusted: false }, true],
    [{ conflict: CONFLICT }, { overwrite: false, trusted: true }, false],
    [{ conflict: CONFLICT }, { overwrite: true, trusted: false }, true],
    [{ trust_needed: 'legacy' as const }, { overwrite: true, trusted: false }, false],
    [{ conflict: CONFLICT, trust_needed: 'foreign' as const }, { overwrite: true, trusted: false }, false],
    [{ conflict: CONFLICT, trust_needed: 'foreign' as const }, { overwrite: true, trusted: true }, true],
  ])('for %j, answered with %j: %s', (asked, decision, expected) => {
    expect(isDecided(view(asked), decision)).toBe(expected);
  });

  it('vouches only for what was asked', () => {
    const decision = { overwrite: false, trusted: true };
    expect(acceptBody(view({ trust_needed: 'legacy' }), decision)).toEqual({ overwrite: false, trust_mode: 'legacy' });
    expect(acceptBody(view({}), decision).trust_mode).toBeUndefined();
    expect(acceptBody(view({ trust_needed: 'legacy' }), { ...decision, trusted: false }).trust_mode).toBeUndefined();
  });
});

it.each<[ImportState, boolean, boolean]>([
  ['uploading', true, true],
  ['checking', true, true],
  ['accepting', true, true],
  ['needs_decision', false, true],
  ['accepted', false, false],
  ['rejected', false, false],
])('an import that is %s is under way: %s, open: %s', (state, underWay, open) => {
  expect([isUnderWay({ state }), isOpen({ state })]).toEqual([underWay, open]);
});

it('what nobody knows any more is told from what cannot be asked about now', () => {
  expect(isForgotten(new ProblemError(problemOf({ code: 'IMPORT_NOT_FOUND' })))).toBe(true);
  expect(isForgotten(new ProblemError(problemOf({ code: 'FORBIDDEN' })))).toBe(false);
  expect(isForgotten(new TypeError('Failed to fetch'))).toBe(false);
});
