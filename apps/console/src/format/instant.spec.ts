import { instant, sortableMinute } from './instant';

describe('instant', () => {
  it.each([
    ['en', 'Apr 20, 2026, 5:30 PM'],
    ['zh', '2026年4月20日 17:30'],
  ])('is told in %s', (locale, text) => {
    // Newer ICU data puts a narrow space before AM and PM.
    expect(instant('2026-04-20T09:30:00Z', locale, 'Asia/Shanghai').replace(/\u202f/g, ' ')).toBe(text);
  });

  it('leaves alone what is none', () => expect(instant('yesterday', 'en')).toBe('yesterday'));
});

it('a minute sorts as text', () => {
  expect(sortableMinute(new Date(2026, 3, 2, 9, 5))).toBe('2026-04-02 09:05');
  expect(sortableMinute(new Date(2026, 10, 22, 23, 59))).toBe('2026-11-22 23:59');
});
