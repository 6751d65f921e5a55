import { isUtf8 } from 'node:buffer';
import { parseLossless } from '@pawvault/archive';
import { jsonrepair, JSONRepairError } from 'jsonrepair';
import { faultAt, type JsonFault } from './json-fault';
import type { JsonObject } from './json-value';
import { maskText, repairable, withoutComments } from './masked-text';
import { firstFault, tolerantTree, valueOf } from './tolerant-tree';

/** A file of QwenPaw, read as QwenPaw reads it. */
export interface JsonDocument {
  /** As the file holds them. */
  bytes: Buffer;
  root: JsonObject;
  /** What `root` was read from: the text of the file, or, if it had to be repaired, the repaired one. */
  text: string;
  /**
   * exact: JSON; tolerated: complete, with a byte order mark, comments, trailing commas, NaN or Infinity; repaired: with faults of which a
   * repair guesses what was meant.
   */
  reading: 'exact' | 'tolerated' | 'repaired';
  /** The first departure from JSON; null for an exact reading. */
  fault: JsonFault | null;
}

/** What no reader makes an object of. */
export class UnreadableJson {
  constructor(
    readonly fault: JsonFault,
    readonly bytes: Buffer,
  ) {}
}

/** A restore takes no larger one: a hostile one takes a hundred times as much memory as it has bytes, and planning must not die of it. */
export const MAX_DOCUMENT_BYTES = 4 << 20;

/** Repairing hostile text takes a second for so much, and four times that for twice as much. QwenPaw's own files have some kilobytes. */
const MAX_REPAIRED_LENGTH = 1 << 16;
/** A syntax tree takes a hundred times as much memory as its text. */
const MAX_TOLERATED_LENGTH = 1 << 20;

/**
 * Reads a JSON object as QwenPaw does: strictly first, which keeps the spelling of numbers and the order of keys, then with the tolerance of
 * Python's parser and of the repair that QwenPaw tries when that fails.
 *
 * Other than QwenPaw it refuses a file that was cut off: what is missing cannot be guessed, and a registry without its last agents would
 * pass for a complete one.
 */
export function readJsonDocument(bytes: Buffer): JsonDocument | UnreadableJson {
  const text = bytes.toString('utf8');
  if (!isUtf8(bytes)) return new UnreadableJson(encodingFault(bytes, text), bytes);
  return readExactly(bytes, text) ?? readTolerantly(bytes, text);
}

/** What can be read of a file in another encoding: names in ASCII are right, others are not. */
export const readRegardlessOfEncoding = ({ bytes }: UnreadableJson): JsonDocument | UnreadableJson =>
  readJsonDocument(Buffer.from(bytes.toString('utf8')));

function readExactly(bytes: Buffer, text: string): JsonDocument | null {
  const marked = text.startsWith('\ufeff');
  const root = attempt(() => parseLossless(marked ? text.slice(1) : text));
  if (!(root instanceof Map)) return null;
  return marked
    ? { bytes, root, text, reading: 'tolerated', fault: faultAt(text, 0, 'byte order mark') }
    : { bytes, root, text, reading: 'exact', fault: null };
}

function readTolerantly(bytes: Buffer, text: string): JsonDocument | UnreadableJson {
  const masked = maskText(text);
  const found = firstFault(masked);
  const fault = found === null ? faultAt(text, 0, 'not a JSON object') : faultAt(text, found.offset, found.reason);
  if (text.length > MAX_TOLERATED_LENGTH) return new UnreadableJson(fault, bytes);
  const tree = tolerantTree(masked);
  const root = tree === null ? null : attempt(() => valueOf(tree, masked));
  if (root instanceof Map) return { bytes, root, text, reading: 'tolerated', fault };
  return tree === null
    ? repair(bytes, text, fault)
    : new UnreadableJson({ ...fault, reason: 'nested too deeply' }, bytes);
}

function repair(bytes: Buffer, original: string, fault: JsonFault): JsonDocument | UnreadableJson {
  if (original.length > MAX_REPAIRED_LENGTH) return new UnreadableJson(fault, bytes);
  const text = attempt(() => jsonrepair(repairable(original))) ?? '';
  const root = attempt(() => parseLossless(text));
  if (!(root instanceof Map)) return new UnreadableJson(fault, bytes);
  if (closingBrackets(text) > closingBrackets(withoutComments(original)))
    return new UnreadableJson({ ...fault, reason: 'the file ends too early' }, bytes);
  return { bytes, root, text, reading: 'repaired', fault };
}

/** At the end of the text. A repair adds them to what was cut off. */
function closingBrackets(text: string): number {
  let count = 0;
  for (let index = text.length - 1; index >= 0; index--) {
    const character = text.charAt(index);
    if (character === '}' || character === ']') count++;
    else if (character.trim() !== '') break;
  }
  return count;
}

/** Hostile text makes parsers run out of stack. */
function attempt<T>(parse: () => T): T | null {
  try {
    return parse();
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError || error instanceof JSONRepairError) return null;
    throw error;
  }
}

function encodingFault(bytes: Buffer, decoded: string): JsonFault {
  const again = Buffer.from(decoded, 'utf8');
  const offset = bytes.findIndex((byte, index) => byte !== again[index]);
  const utf16 = bytes.readUInt16BE(0) === 0xfffe || bytes.readUInt16BE(0) === 0xfeff;
  const before = bytes.toString('utf8', 0, offset);
  return faultAt(before, before.length, utf16 ? 'the file is UTF-16, not UTF-8' : 'the file is not UTF-8');
}
