import fc from 'fast-check';
import { parseDocument, printDocument } from './config-document';

const reprinted = (text: string): string | null => {
  const document = parseDocument(Buffer.from(text));
  return document === null ? null : printDocument(document.root, document.style).toString('utf8');
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

it.each(['', '{', '[]', 'null', '"text"', '{"a":}', '\ufeff{}', `${'{"a":'.repeat(80)}1${'}'.repeat(80)}`])(
  'is no document: %j',
  (text) => {
    expect(parseDocument(Buffer.from(text))).toBeNull();
  },
);

it('bytes that are no UTF-8 are no document', () => {
  expect(parseDocument(Buffer.from('7b2261223a22ff227d', 'hex'))).toBeNull();
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
