import { byteCount } from './byte-count';

describe('byteCount', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [999.6, '1 kB'],
    [1000, '1 kB'],
    [1250, '1.3 kB'],
    [99_900, '99.9 kB'],
    [123_456, '123 kB'],
    [999_499, '999 kB'],
    [999_500, '1 MB'],
    [34_500_000_000, '34.5 GB'],
    [2.5e12, '2.5 TB'],
    [9e15, '9 PB'],
  ])('%d is %s', (bytes, text) => expect(byteCount(bytes, 'en')).toBe(text));

  it.each([
    [999, '999 B'],
    [1_500_000, '1.5 MB'],
  ])('%d is %s in Chinese', (bytes, text) => expect(byteCount(bytes, 'zh')).toBe(text));
});
