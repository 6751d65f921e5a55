import { JsonNumber } from '@pawvault/archive';
import { type JsonDocument, readJsonDocument, UnreadableJson } from './json-document';

const read = (content: string | Buffer): JsonDocument => {
  const document = readJsonDocument(Buffer.from(content));
  if (document instanceof UnreadableJson) throw new Error(JSON.stringify(document.fault));
  return document;
};

const refusal = (content: string | Buffer): unknown => {
  const document = readJsonDocument(Buffer.from(content));
  return document instanceof UnreadableJson ? document.fault : 'was read';
};

it('reads JSON exactly: order of keys, spelling of numbers, the last of two equal keys', () => {
  const text = '{"b":1.0,"a":12345678901234567890,"b":1e-7}';
  expect(read(text)).toMatchObject({ reading: 'exact', fault: null, text });
  expect([...read(text).root]).toEqual([
    ['b', new JsonNumber('1e-7')],
    ['a', new JsonNumber('12345678901234567890')],
  ]);
});

describe('what QwenPaw reads, too', () => {
  it.each<[string, string, Record<string, unknown>, { line: number; column: number; reason: string }]>([
    ['a byte order mark', '\ufeff{"a": "b"}', { a: 'b' }, { line: 1, column: 1, reason: 'byte order mark' }],
    ['comments', '{\n  // of mine\n  "a": "b" /* here */\n}', { a: 'b' }, { line: 2, column: 3, reason: 'comment' }],
    ['comments of shells', '{\n  "a": "#b" # of mine\n}', { a: '#b' }, { line: 2, column: 13, reason: 'comment' }],
    ['trailing commas', '{"a": ["x", "y",],}', { a: ['x', 'y'] }, { line: 1, column: 17, reason: 'trailing comma' }],
    [
      'NaN and Infinity',
      '{"a": NaN, "b": -Infinity, "NaN": "NaN"}',
      { a: new JsonNumber('NaN'), b: new JsonNumber('-Infinity'), NaN: 'NaN' },
      { line: 1, column: 7, reason: 'NaN or Infinity' },
    ],
    [
      'a remark after the object',
      '{"a": "b"}\nkept for later',
      { a: 'b' },
      { line: 2, column: 1, reason: 'text after the end of the object' },
    ],
    [
      'all of it at once, and big numbers',
      '\ufeff{ // x\n"n": 123456789012345678901, "f": 1.0, "i": Infinity,}',
      { n: new JsonNumber('123456789012345678901'), f: new JsonNumber('1.0'), i: new JsonNumber('Infinity') },
      { line: 1, column: 1, reason: 'byte order mark' },
    ],
  ])('%s', (_, text, root, fault) => {
    const document = read(text);
    expect(Object.fromEntries(document.root)).toEqual(root);
    expect(document).toMatchObject({ reading: 'tolerated', fault });
    expect(document.bytes.toString('utf8')).toBe(text);
  });
});

describe('what QwenPaw repairs', () => {
  it.each<[string, string, Record<string, unknown>, { line: number; column: number }]>([
    ['single quotes', "{'a': 'b'}", { a: 'b' }, { line: 1, column: 2 }],
    ['keys without quotes', '{a: "b"}', { a: 'b' }, { line: 1, column: 2 }],
    ['a lost quote', '{"a": "b,\n "c": "d"}', { a: 'b', c: 'd' }, { line: 1, column: 7 }],
    ['a missing comma', '{"a": "b"\n "c": "d"}', { a: 'b', c: 'd' }, { line: 2, column: 2 }],
    ['words of Python', '{"a": True, "b": None}', { a: true, b: null }, { line: 1, column: 7 }],
    ['a line break in a string', '{"a": "b\nc"}', { a: 'b\nc' }, { line: 1, column: 7 }],
    ['a missing value', '{"a":, "b": "c"}', { a: null, b: 'c' }, { line: 1, column: 6 }],
    ['a bracket too many', '{"a": "b"}}', { a: 'b' }, { line: 1, column: 11 }],
  ])('%s', (_, text, root, fault) => {
    const document = read(text);
    expect(Object.fromEntries(document.root)).toEqual(root);
    expect(document.fault).toMatchObject(fault);
  });
});

describe('what is refused, with line, column and reason', () => {
  it.each<[string, string | Buffer, { line: number; column: number; reason: string }]>([
    ['nothing', '', { line: 1, column: 1, reason: 'a value is missing' }],
    ['no object', '\n["a"]', { line: 1, column: 1, reason: 'not a JSON object' }],
    ['no JSON', 'language = zh', { line: 1, column: 1, reason: 'a character that JSON does not allow here' }],
    ['two documents', '{"a": 1}\n{"b": 2}', { line: 2, column: 1, reason: 'text after the end of the object' }],
    ['one that was cut off', '{"a": {"b": 1},\n"c": {"d', { line: 2, column: 7, reason: 'the file ends too early' }],
    ['one whose last bracket is missing', '{"a": {"b": 1}', { line: 1, column: 15, reason: 'the file ends too early' }],
    ['GBK', Buffer.from('7b0a2261223a22c4e3bac3227d', 'hex'), { line: 2, column: 6, reason: 'the file is not UTF-8' }],
    ['UTF-16', Buffer.from('\ufeff{}', 'utf16le'), { line: 1, column: 1, reason: 'the file is UTF-16, not UTF-8' }],
    [
      'deep nesting',
      `{"a":${'['.repeat(80)}${']'.repeat(80)},}`,
      { line: 1, column: 167, reason: 'nested too deeply' },
    ],
  ])('%s', (_, content, fault) => {
    expect(refusal(content)).toEqual(fault);
  });

  it('hostile nesting and length, in bounded time', () => {
    for (const unit of ['[', '{"a":', '/*', '"', "'", '{,', '\\"', '[1 ', '"a"+', '`', '\n', 'a:'])
      for (const length of [60_000, 1 << 20]) {
        const text = unit.repeat(length / unit.length);
        const start = performance.now();
        expect(refusal(`{"a":${text}`)).toMatchObject({ line: expect.any(Number) as number });
        expect([unit, performance.now() - start < 5_000]).toEqual([unit, true]);
      }
  });
});
