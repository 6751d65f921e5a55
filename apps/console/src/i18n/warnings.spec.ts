import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { isErrorCode } from '@pawvault/contracts';
import { warnings } from './en/warnings';

const ENGINE = resolve(__dirname, '../../../../libs/engine/src');

const sources = (): string[] =>
  readdirSync(ENGINE, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.spec.ts'))
    .map((name) => readFileSync(resolve(ENGINE, name), 'utf8'));

/** The code of every warning that the engine writes as a literal; those that it builds from the state of trust are named apart. */
const literalCodes = (text: string): string[] =>
  [...text.matchAll(/(?:code: |[wW]arn(?:ing)?\(\s*)'([A-Z_]{4,})'/g)].map((match) => match[1] ?? '');

const TRUST = ['TRUST_MISMATCH', 'TRUST_UNKNOWN_SCHEME', 'TRUST_UNSIGNED'];

describe('the warnings', () => {
  it('are all ones that the engine gives', () => {
    const given = new Set([...sources().flatMap(literalCodes), ...TRUST]);
    expect(Object.keys(warnings).filter((code) => !given.has(code))).toEqual([]);
  });

  it('have a text for every one that the engine writes beside its message', () => {
    const withMessage = /\{\s*code: '([A-Z_]+)',\s*message/g;
    const calls = /\bwarn(?:ing)?\(\s*'([A-Z_]+)'/g;
    const codes = sources().flatMap((text) =>
      [...text.matchAll(withMessage), ...text.matchAll(calls)].map((match) => match[1] ?? ''),
    );
    expect(codes.length).toBeGreaterThan(10);
    // Problems of a verification are written alike, and have texts among the errors.
    const silent = codes.filter((code) => !Object.hasOwn(warnings, code) && !isErrorCode(code));
    expect([...new Set(silent)]).toEqual([]);
  });
});
