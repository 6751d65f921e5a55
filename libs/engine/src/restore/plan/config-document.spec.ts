import fc from 'fast-check';
import { type JsonObject, objectOf, printAnew, writeDocument } from './config-document';
import { parsedDocument } from './spec-support/parsed-document';

const reprinted = (text: string): string => {
  const document = parsedDocument(text);
  return printAnew(document, document.root).toString('utf8');
};

it.each([
  ['two spaces', '{\n  "a": 1,\n  "b": [\n    "x",\n    {}\n  ],\n  "c": []\n}'],
  ['four spaces and a newline', '{\n    "a": {\n        "b": null\n    }\n}\n'],
  ['tabs', '{\n\t"a": true\n}'],
  ['one line', '{"a":1,"b":[1,2]}\n'],
  ['nothing in it', '{}'],
  ['characters as they are', '{\n  "名": "報告 😀 \u2028"\n}'],
  ['numbers as they are spelled', '{\n  "a": 1.0,\n  "b": 12345678901234567890,\n  "c": -0,\n  "d": 1E+2\n}'],
  [
    'keys that JavaScript would move or lose',
    '{\n  "b": 1,\n  "2": 1,\n  "1": 1,\n  "__proto__": {\n    "x": 1\n  }\n}',
  ],
])('prints back: %s', (_, text) => {
  expect(reprinted(text)).toBe(text);
});

describe('a document of which only paths change', () => {
  const moved = (text: string, ...at: string[]) => {
    const document = parsedDocument(text);
    const put = (object: JsonObject, [key = '', ...rest]: string[]): JsonObject =>
      new Map(object).set(key, rest.length === 0 ? '/new' : put(objectOf(object.get(key)), rest));
    const { bytes, reprinted } = writeDocument(document, put(document.root, at));
    return [bytes.toString('utf8'), reprinted];
  };

  it.each<[string, (path: string) => string]>([
    ['plain, in any layout', (path) => `{"a" :\t{ "w":"${path}" } ,\r\n "n": 1.0}`],
    ['with a byte order mark', (path) => `\ufeff{"a":{"w":"${path}"}}\n`],
    [
      'with comments, trailing commas and NaN',
      (path) => `{ // "w": "/x"\n "n": NaN,\n "a": {"w": /* here */ "${path}",}, # end\n}\n`,
    ],
    ['with one key twice, of which the last one counts', (path) => `{"a":{"w":"/x"},"a":{"w":"/y","w":"${path}"}}`],
    ['with escapes', (path) => `{"\\u0061":{"w":"${path}"},"q":"\\"w\\": \\u00e9"}`],
  ])('%s: keeps every other byte', (_, text) => {
    expect(moved(text('/old'), 'a', 'w')).toEqual([text('/new'), false]);
  });

  it('that had to be repaired is the repaired one, and says so', () => {
    expect(moved(`{'a':{'w':'/old'} "n":1.0}`, 'a', 'w')).toEqual(['{"a":{"w":"/new"}, "n":1.0}', true]);
  });

  it('is printed anew when a key is added, and says so unless it was plain', () => {
    expect(moved('{"a":{},"n":1.0}', 'a', 'w')).toEqual(['{"a":{"w":"/new"},"n":1.0}', false]);
    expect(moved('\ufeff{\n "a":{}, // x\n "n":NaN}', 'a', 'w')).toEqual([
      '{\n "a": {\n  "w": "/new"\n },\n "n": NaN\n}',
      true,
    ]);
  });

  it('is printed in two steps of indentation where there was none', () => {
    expect(writeDocument(null, new Map([['a', 'b']])).bytes.toString()).toBe('{\n  "a": "b"\n}\n');
  });
});

it('prints any object as JavaScript would', () => {
  const object = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 }));
  fc.assert(
    fc.property(object, fc.constantFrom(0, 2, 4), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      const expected = indent > 0 && !text.includes('\n') ? JSON.stringify(value) : text;
      expect(reprinted(text)).toBe(expected);
    }),
  );
});
