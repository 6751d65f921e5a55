import { initialLanguage } from './languages';

describe('the language', () => {
  it.each([
    [null, ['zh-CN', 'en'], 'zh'],
    [null, ['ZH-Hant-TW'], 'zh'],
    [null, ['de-DE', 'zh', 'en'], 'zh'],
    [null, ['de-DE', 'fr'], 'en'],
    [null, [], 'en'],
    ['en', ['zh-CN'], 'en'],
    ['zh', ['en'], 'zh'],
    ['constructor', ['zh'], 'zh'],
    ['', ['en'], 'en'],
  ] as const)('stored %p, preferred %p: %s', (stored, preferred, expected) => {
    expect(initialLanguage(stored, preferred)).toBe(expected);
  });
});
