/** Control characters, and marks that change the direction of the text after them. */
const INVISIBLE = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/** A name of a file as people can read it. Linux allows line breaks and the like in names; shown as they are, they would disguise what the name is. */
export const visibleName = (name: string): string => name.replace(INVISIBLE, symbolOf);

function symbolOf(sign: string): string {
  const code = sign.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return code === 0x7f ? '\u2421' : `\\u${code.toString(16).padStart(4, '0')}`;
}
