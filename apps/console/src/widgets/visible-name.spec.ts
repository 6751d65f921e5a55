import { visibleName } from './visible-name';

describe('visibleName', () => {
  it.each([
    ['报告 №1 😀 C:\\x', '报告 №1 😀 C:\\x'],
    ['line\nbreak\t', 'line␊break␉'],
    ['\u0001\u007f', '␁␡'],
    ['\u202egnp.exe', '\\u202egnp.exe'],
    ['next\u0085', 'next\\u0085'],
  ])('shows %j as %j', (name, shown) => expect(visibleName(name)).toBe(shown));
});
