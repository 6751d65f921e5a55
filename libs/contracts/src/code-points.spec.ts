import fc from 'fast-check';
import { compareCodePoints } from './code-points';

/** UTF-8 keeps the order of code points, so comparing its bytes is the definition. */
const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
const awkward = fc.array(
  fc.constantFrom(
    '',
    'a',
    'Z',
    '\u07ff',
    '\u0800',
    '\ud7ff',
    '\ue000',
    '～',
    '\uffff',
    '😀',
    '\u{10000}',
    '\u{10ffff}',
  ),
);
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  awkward.map((parts) => parts.join('')),
);

describe('compareCodePoints', () => {
  it('sorts as Python does', () => {
    // sorted() of Python 3 on the same names; JavaScript alone would put 😀 before ～
    const names = [
      'media/😀.txt',
      'media/～wide.txt',
      'media/noise.bin',
      'Media',
      'media',
      'empty.txt',
      '报告',
      '𝒜',
      '\ufffd',
      'ä',
      'z',
    ];
    expect([...names].sort(compareCodePoints)).toEqual([
      'Media',
      'empty.txt',
      'media',
      'media/noise.bin',
      'media/～wide.txt',
      'media/😀.txt',
      'z',
      'ä',
      '报告',
      '\ufffd',
      '𝒜',
    ]);
    expect([...names].sort()).not.toEqual([...names].sort(compareCodePoints));
  });

  it('orders any two strings as their UTF-8 bytes', () => {
    const agrees = (a: string, b: string): void => expect(Math.sign(compareCodePoints(a, b))).toBe(byBytes(a, b));
    fc.assert(fc.property(text, text, agrees), { numRuns: 2_000 });
  });
});
