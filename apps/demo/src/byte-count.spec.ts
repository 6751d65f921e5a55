import { byteCount } from './byte-count';

describe('byteCount', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [999_949, '999.9 kB'],
    [999_950, '1.0 MB'],
    [31_457_280, '31.5 MB'],
    [2.5e12, '2.5 TB'],
    [9e15, '9000.0 TB'],
  ])('%d is %s', (bytes, text) => expect(byteCount(bytes)).toBe(text));
});
