import { JsonNumber, type LosslessJson } from '@pawvault/archive';
import type { JsonDocument } from '../../instance/json/json-document';
import type { JsonObject } from '../../instance/json/json-value';
import { rewriteDocument } from './rewrite-document';

export type { JsonDocument } from '../../instance/json/json-document';
export { type JsonObject, objectOf, textsOf } from '../../instance/json/json-value';

interface JsonStyle {
  /** One step; empty for a document on a single line. */
  indent: string;
  trailingNewline: boolean;
}

const DEFAULT_STYLE: JsonStyle = { indent: '  ', trailingNewline: true };

export interface WrittenDocument {
  bytes: Buffer;
  /** The document was no plain JSON, and more than strings at known places had to change: its comments and layout are lost. */
  reprinted: boolean;
}

/**
 * The bytes of a document with this content. If only strings at places that it already has are others, nothing else changes; otherwise it is printed
 * in its own style, with the order of keys and the spelling of numbers as they are.
 * @param document null: there was none
 */
export function writeDocument(document: JsonDocument | null, root: JsonObject): WrittenDocument {
  if (document === null) return { bytes: printDocument(root, DEFAULT_STYLE), reprinted: false };
  const edited = rewriteDocument(document, root);
  if (edited !== null) return { bytes: edited, reprinted: document.reading === 'repaired' };
  return { bytes: printAnew(document, root), reprinted: document.reading !== 'exact' };
}

/** In the style of the document, without its byte order mark. */
export const printAnew = ({ text }: JsonDocument, root: JsonObject): Buffer =>
  printDocument(root, styleOf(text.replace(/^\ufeff/, '')));

function styleOf(text: string): JsonStyle {
  const trailingNewline = text.endsWith('\n');
  const first = /^\s*\{[^\S\n]*\n([ \t]+)\S/.exec(text)?.[1];
  if (first !== undefined) return { indent: first, trailingNewline };
  return { indent: text.trim().includes('\n') ? DEFAULT_STYLE.indent : '', trailingNewline };
}

/** Non-ASCII characters are not escaped, as in QwenPaw's own files. */
function printDocument(root: JsonObject, style: JsonStyle): Buffer {
  return Buffer.from(print(root, style.indent, '') + (style.trailingNewline ? '\n' : ''), 'utf8');
}

function print(value: LosslessJson, indent: string, margin: string): string {
  if (value instanceof JsonNumber) return value.text;
  const inner = margin + indent;
  if (value instanceof Map) {
    const colon = indent === '' ? ':' : ': ';
    const items = [...value].map(([key, item]) => `${JSON.stringify(key)}${colon}${print(item, indent, inner)}`);
    return enclose('{}', items, { indent, margin });
  }
  if (!Array.isArray(value)) return JSON.stringify(value);
  return enclose(
    '[]',
    value.map((item) => print(item, indent, inner)),
    { indent, margin },
  );
}

function enclose(brackets: '{}' | '[]', items: string[], at: { indent: string; margin: string }): string {
  if (items.length === 0) return brackets;
  const [open, close] = [brackets.charAt(0), brackets.charAt(1)];
  if (at.indent === '') return `${open}${items.join(',')}${close}`;
  const inner = `\n${at.margin}${at.indent}`;
  return `${open}${inner}${items.join(`,${inner}`)}\n${at.margin}${close}`;
}
