import fc from 'fast-check';
import { formatBackupId, isBackupId } from './backup-id';

const AT = new Date('2026-04-20T09:30:00.987Z');

describe('formatBackupId', () => {
  it('is the form that QwenPaw uses', () => {
    expect(formatBackupId('1.1.9', AT, 'ab12cd34')).toBe('qwenpaw-1.1.9-20260420T093000Z-ab12cd34');
  });

  it('replaces what a file name cannot hold, and says unknown for no version', () => {
    expect(formatBackupId('1.2 (beta/报)', AT, '00000000')).toBe('qwenpaw-1.2__beta___-20260420T093000Z-00000000');
    expect(formatBackupId('', AT, '00000000')).toBe('qwenpaw-unknown-20260420T093000Z-00000000');
  });

  it.each(['AB12CD34', 'ab12cd3', 'ab12cd345', 'ab12cd3g', ''])('refuses %p as short id', (short) => {
    expect(() => formatBackupId('1', AT, short)).toThrow(RangeError);
  });

  it('always makes an acceptable id', () => {
    const time = fc.date({ min: new Date('2000-01-01'), max: new Date('2099-12-31'), noInvalidDate: true });
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), time, (version, at) =>
        isBackupId(formatBackupId(version, at, 'ab12cd34')),
      ),
    );
  });
});

describe('isBackupId', () => {
  it.each([
    'qwenpaw-1.1.9-20260420T093000Z-ab12cd34',
    '550e8400-e29b-41d4-a716-446655440000',
    'a',
    '_',
    'a..b',
    'x'.repeat(200),
  ])('accepts %p', (id) => expect(isBackupId(id)).toBe(true));

  it.each([
    '',
    '.',
    '..',
    '.hidden',
    'a\n',
    'a/b',
    'a\\b',
    'a b',
    'ä',
    'a\0',
    'x'.repeat(201),
    7,
    null,
    undefined,
    ['a'],
  ])('refuses %p', (id) => expect(isBackupId(id)).toBe(false));
});
