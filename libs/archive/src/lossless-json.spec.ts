import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import fc from 'fast-check';
import { JsonNumber, parseLossless, printCanonical } from './lossless-json';

const SCRIPT = join(__dirname, 'spec-support/qwenpaw_signature.py');

/** What Python prints for each document, in one run. */
function asPythonPrints(documents: readonly string[]): string[] {
  const output = execFileSync('python3', [SCRIPT, '--canonical'], { input: documents.join('\n'), maxBuffer: 1 << 26 });
  return output
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as string);
}

const ours = (documents: readonly string[]): string[] => documents.map((text) => printCanonical(parseLossless(text)));

const NUMBERS = [
  '0',
  '-0',
  '1',
  '-1',
  '1.0',
  '-1.0',
  '0.0',
  '-0.0',
  '1e16',
  '1E16',
  '1e+16',
  '9999999999999998.0',
  '1e15',
  '123456789012345.6',
  '1e-4',
  '1e-5',
  '0.0001',
  '0.00001',
  '0.00012345',
  '1.5e-7',
  '5e-324',
  '2.2250738585072014e-308',
  '1.7976931348623157e308',
  '1e400',
  '-1e400',
  '1e22',
  '1e21',
  '123456789012345678901234567890',
  '-9007199254740993',
  '9007199254740993.0',
  '0.1',
  '0.30000000000000004',
  '3.141592653589793',
  '100.0',
  '1234567.0',
  '1e2',
  '12E-1',
  '0e10',
  '-0e-10',
  '4.35',
  '2.675',
  '1.005',
  '179769313486231570000000000000.5',
];

describe('the canonical form', () => {
  it('prints numbers as Python does', () => {
    expect(ours(NUMBERS)).toEqual(asPythonPrints(NUMBERS));
  });

  it('prints text and sorts keys as Python does', () => {
    const documents = [
      String.raw`"plain"`,
      String.raw`"quote \" slash \/ back \\ tab \t line \n return \r feed \f back \b"`,
      String.raw`"\u0000\u0001\u001f\u007f\u0080\u009f"`,
      '"line\u2028 paragraph\u2029 bom\ufeff"',
      String.raw`"\u2028\u4f60\u597d \ud83d\ude00"`,
      '"你好 😀 ～"',
      '{"😀":1,"～":2,"\uffff":3,"\ud7ff":4,"a":5,"Z":6,"":7,"ä":8,"\ue000":9}',
      '{"b":{"d":1,"c":[{"z":1,"y":2},[]]},"a":{}}',
      '{"a":1,"b":2,"a":3}',
      '{"__proto__":1,"constructor":2,"toString":3}',
      ' { "spaced" : [ 1 , 2.50 , true , false , null ] } ',
      '[]',
      '{}',
      '""',
      'null',
    ];
    expect(ours(documents)).toEqual(asPythonPrints(documents));
  });

  it('prints any document as Python does', () => {
    const json = fc.jsonValue({ maxDepth: 4, stringUnit: 'binary' });
    const texts = fc.sample(json, 1_500).map((value) => JSON.stringify(value));
    const floats = fc
      .sample(fc.double({ noNaN: true, noDefaultInfinity: true }), 3_000)
      .flatMap((number) => [number.toExponential(), Number.isInteger(number) ? `${BigInt(number)}` : String(number)]);
    const documents = [...texts.filter((text) => text.isWellFormed() && !/\\ud[89a-f]/.test(text)), ...floats];
    expect(documents.length).toBeGreaterThan(5_000);
    expect(ours(documents)).toEqual(asPythonPrints(documents));
  });
});

describe('parseLossless', () => {
  it('keeps the spelling of numbers', () => {
    expect(parseLossless('[1.0, 1e2, 12345678901234567890]')).toEqual([
      new JsonNumber('1.0'),
      new JsonNumber('1e2'),
      new JsonNumber('12345678901234567890'),
    ]);
  });

  it.each([
    '',
    '{',
    '[1,]',
    '{"a":1,}',
    "{'a':1}",
    'NaN',
    '01',
    '1.',
    '"\n"',
    '{"a" 1}',
    '[1] 2',
    '\ufeff{}',
    'undefined',
  ])('refuses %j', (text) => {
    expect(() => parseLossless(text)).toThrow(SyntaxError);
  });

  it('refuses nesting without end, and reads long text', () => {
    expect(() => parseLossless('['.repeat(1_000) + ']'.repeat(1_000))).toThrow(SyntaxError);
    const long = 'x\\"'.repeat(200_000);
    expect(parseLossless(`"${long}"`)).toHaveLength(400_000);
  });
});
