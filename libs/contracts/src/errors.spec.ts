import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ERRORS } from './error-table';
import { DomainError, type ErrorCode, isErrorCode, toErrorView } from './errors';

const CODES = Object.keys(ERRORS) as ErrorCode[];

/** Every source file of the project that ships. */
function sources(): string[] {
  const root = resolve(__dirname, '../../..');
  return ['apps', 'libs'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.ts') && !path.endsWith('.spec.ts'))
      .map((path) => join(root, folder, path)),
  );
}

describe('the table of errors', () => {
  it.each(CODES)('%s says what it is and what to do', (code) => {
    const { title, remedy } = ERRORS[code];
    expect(code).toMatch(/^([A-Z][A-Z0-9]*(_[A-Z0-9]+)*|[a-z]+(_[a-z]+)*)$/);
    expect(title).toMatch(/^[A-Z].*[^.]$/);
    expect(remedy).toMatch(/^[A-Z`].*\.$/);
  });

  it('titles no two errors alike', () => {
    expect(new Set(CODES.map((code) => ERRORS[code].title)).size).toBe(CODES.length);
  });

  it('knows its own codes only', () => {
    expect(CODES.every(isErrorCode)).toBe(true);
    expect(['toString', '__proto__', 'constructor', '', 'disk_full', 1, null, undefined].some(isErrorCode)).toBe(false);
  });

  it('holds every code that the sources throw', () => {
    const thrown = sources().flatMap((path) =>
      [...readFileSync(path, 'utf8').matchAll(/new DomainError\(\s*'([^']+)'/g)].map((match) => match[1]),
    );
    expect(thrown.length).toBeGreaterThan(0);
    expect(thrown.filter((code) => !isErrorCode(code))).toEqual([]);
  });
});

describe('DomainError', () => {
  it('carries code, message, details and cause', () => {
    const cause = new Error('disk');
    const error = new DomainError('DISK_FULL', 'Only 3 bytes are left', { free: 3 }, { cause });
    expect(error).toMatchObject({
      name: 'DomainError',
      code: 'DISK_FULL',
      message: 'Only 3 bytes are left',
      details: { free: 3 },
      cause,
    });
    expect(new DomainError('DISK_FULL').message).toBe(ERRORS.DISK_FULL.title);
  });

  it('is shown in full, and any other error without its message', () => {
    expect(toErrorView(new DomainError('JOB_NOT_FOUND', undefined, { id: '7' }))).toEqual({
      code: 'JOB_NOT_FOUND',
      message: ERRORS.JOB_NOT_FOUND.title,
      details: { id: '7' },
    });
    for (const other of [new Error('password is hunter2'), 'text', undefined]) {
      expect(toErrorView(other)).toEqual({ code: 'INTERNAL_ERROR', message: ERRORS.INTERNAL_ERROR.title, details: {} });
    }
  });
});
