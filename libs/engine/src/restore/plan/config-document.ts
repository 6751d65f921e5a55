import { isUtf8 } from 'node:buffer';
import { JsonNumber, type LosslessJson, parseLossless } from '@pawvault/archive';

export type JsonObject = Map<string, LosslessJson>;

/** A JSON file that is edited without disturbing what is not meant: key order and the spelling of numbers stay. */
export interface JsonDocument {
  bytes: Buffer;
  root: JsonObject;
  style: JsonStyle;
}

export interface JsonStyle {
  /** One step; empty for a document on a single line. */
  indent: string;
  trailingNewline: boolean;
}

export const DEFAULT_STYLE: JsonStyle = { indent: '  ', trailingNewline: true };

/** @returns null for what is no JSON object in UTF-8 */
export function parseDocument(bytes: Buffer): JsonDocument | null {
  if (!isUtf8(bytes)) return null;
  const text = bytes.toString('utf8');
  try {
    const root = parseLossless(text);
    return root instanceof Map ? { bytes, root, style: styleOf(text) } : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function styleOf(text: string): JsonStyle {
  const trailingNewline = text.endsWith('\n');
  const first = /^\s*\{[^\S\n]*\n([ \t]+)\S/.exec(text)?.[1];
  if (first !== undefined) return { indent: first, trailingNewline };
  return { indent: text.trim().includes('\n') ? DEFAULT_STYLE.indent : '', trailingNewline };
}

/** Non-ASCII characters are not escaped, as in QwenPaw's own files. */
export function printDocument(root: JsonObject, style: JsonStyle): Buffer {
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

/** The value as an object; anything else as an empty one. A copy, so that it may be changed. */
export const objectOf = (value: LosslessJson | undefined): JsonObject => new Map(value instanceof Map ? value : []);

/** The strings of a list; null for what is no list. */
export const textsOf = (value: LosslessJson | undefined): string[] | null =>
  Array.isArray(value) ? value.filter((item) => typeof item === 'string') : null;
