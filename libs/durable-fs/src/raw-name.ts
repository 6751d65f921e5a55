import { isUtf8 } from 'node:buffer';

/**
 * A file name as a string, whatever bytes it has: each byte that is no UTF-8 becomes the lone surrogate U+DC80…U+DCFF, as Python's
 * `surrogateescape` has it. No archive can hold such a name, so none is taken for another; JSON keeps it.
 */
export function nameFromBytes(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString('utf8');
  let name = '';
  for (let at = 0; at < bytes.length;) {
    const length = lengthAt(bytes, at);
    name += length === 0 ? String.fromCharCode(0xdc00 + (bytes[at] ?? 0)) : bytes.toString('utf8', at, at + length);
    at += Math.max(length, 1);
  }
  return name;
}

/** Bytes of the UTF-8 character at an offset; 0 where there is none. */
const lengthAt = (bytes: Buffer, at: number): number =>
  [1, 2, 3, 4].find((length) => at + length <= bytes.length && isUtf8(bytes.subarray(at, at + length))) ?? 0;

/** The name as calls of the file system take it: the reverse of {@link nameFromBytes}. */
export function nameForCalls(name: string): string | Buffer {
  if (name.isWellFormed()) return name;
  const parts = Array.from(name, (character) => {
    const code = character.charCodeAt(0);
    return character.length === 1 && code >= 0xdc80 && code <= 0xdcff
      ? Buffer.from([code & 0xff])
      : Buffer.from(character);
  });
  return Buffer.concat(parts);
}
