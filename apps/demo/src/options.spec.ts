import { readOptions } from './options';

describe('readOptions', () => {
  it('serves on and cleans up unless told otherwise', () => {
    expect(readOptions([])).toEqual({ exit: false, keep: false, help: false });
    expect(readOptions(['--exit', '--keep'])).toEqual({ exit: true, keep: true, help: false });
    expect(readOptions(['-h']).help).toBe(true);
  });

  it.each(['--exti', 'exit', '--exit=yes'])('refuses %p', (argument) => {
    expect(() => readOptions([argument])).toThrow(/^(Unknown option|Unexpected argument|Option '--exit')/);
  });
});
