import fc from 'fast-check';
import { assertEntryName, linkStaysInside, nameProblem } from './entry-name';
import { DEFAULT_LIMITS } from './limits';

const problem = (name: string): string | null => nameProblem(name, DEFAULT_LIMITS);

describe('nameProblem', () => {
  it.each([
    'a',
    'a/',
    'a/b.txt',
    'data/workspaces/a1/telegram:42.json',
    '.hidden/x',
    '.../x',
    'a b/ c ',
    '报告/№1',
    '😀',
    'ab:c',
    '1:x',
    'C:',
    'a/c:x',
    'C:\\Users\\me\\report.md',
    'a\\b',
    '..\\x',
    'a\r',
    'new\nline/tab\t/\u0001',
    'a\u007f\u0085\u202e',
    'd/'.repeat(64),
    'n'.repeat(4096),
  ])('accepts %j', (name) => expect(problem(name)).toBeNull());

  it.each([
    ['', 'ARCHIVE_ENTRY_ESCAPES'],
    ['/', 'ARCHIVE_ENTRY_ESCAPES'],
    ['/a', 'ARCHIVE_ENTRY_ESCAPES'],
    ['a//b', 'ARCHIVE_ENTRY_ESCAPES'],
    ['a//', 'ARCHIVE_ENTRY_ESCAPES'],
    ['a/../b', 'ARCHIVE_ENTRY_ESCAPES'],
    ['..', 'ARCHIVE_ENTRY_ESCAPES'],
    ['a/.', 'ARCHIVE_ENTRY_ESCAPES'],
    ['a/./b', 'ARCHIVE_ENTRY_ESCAPES'],
    ['a\0', 'ARCHIVE_NAME_INVALID'],
    ['a/\0/b', 'ARCHIVE_NAME_INVALID'],
    ['C:/../x', 'ARCHIVE_ENTRY_ESCAPES'],
    ['a\ud800', 'ARCHIVE_NAME_INVALID'],
    ['d/'.repeat(65), 'ARCHIVE_LIMIT_EXCEEDED'],
    ['字'.repeat(1366), 'ARCHIVE_LIMIT_EXCEEDED'],
    ['n'.repeat(4097), 'ARCHIVE_LIMIT_EXCEEDED'],
  ])('finds fault with %j', (name, code) => {
    expect(problem(name)).toBe(code);
    expect(() => assertEntryName(name, DEFAULT_LIMITS)).toThrow(
      expect.objectContaining({ code, details: { entry: name } }) as Error,
    );
  });

  it('lets no name through that leads out of a directory, however it is put together', () => {
    const part = fc.constantFrom('..', '.', '', 'a', 'C:', 'c:a', '\\', '..\\', ' ', '. .', '...', 'a\0', '报');
    const escapes = (name: string): boolean =>
      name.startsWith('/') || name.includes('\0') || /(^|\/)\.{0,2}(\/|$)/.test(name.replace(/\/$/, '') || '/');
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 6 }), (parts) => {
        const name = parts.join('/');
        expect(problem(name) !== null).toBe(escapes(name));
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('linkStaysInside', () => {
  it.each([
    ['link', 'file'],
    ['link', './file'],
    ['d/link', '../file'],
    ['d/e/link', '../../file'],
    ['d/link', '../'],
    ['d/link', '..'],
    ['link', '.'],
    ['link', 'd//file'],
    ['link', '...'],
    ['link', 'telegram:42'],
    ['link', 'C:/x'],
    ['link', 'c:x'],
    ['link', '..\\x'],
    ['link', 'a\nb'],
  ])('%s → %s does', (path, target) => expect(linkStaysInside(path, target)).toBe(true));

  it.each([
    ['link', '..'],
    ['link', '../file'],
    ['d/link', '../../file'],
    ['link', '/etc/passwd'],
    ['link', ''],
    ['d/link', '../x/../../y'],
    ['link', 'other-link/../file'],
    ['link', 'a\0b'],
  ])('%s → %j does not', (path, target) => expect(linkStaysInside(path, target)).toBe(false));
});
