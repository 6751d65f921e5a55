/** A text in which what tolerant JSON parsers do not know is replaced by something that they know, at the same offsets. */
export interface MaskedText {
  text: string;
  /** The original spelling of the numbers that were replaced, by offset. */
  literals: ReadonlyMap<number, string>;
  /** What was replaced, in order. */
  replaced: readonly { offset: number; reason: string }[];
}

/** Strings and comments are matched to pass over them. Python reads the three constants as numbers, JSON has none of them. */
const TOKEN =
  /"(?:[^"\\\n]|\\.)*"?|'(?:[^'\\\n]|\\.)*'?|\/\/[^\n]*|\/\*[^]*?(?:\*\/|$)|(#[^\n]*)|(?<![\w$])(-?(?:NaN|Infinity))(?![\w$])/g;

/** Replaces a byte order mark and `#` comments by spaces, and NaN, Infinity and -Infinity by a number. */
export function maskText(original: string): MaskedText {
  const literals = new Map<number, string>();
  const replaced: { offset: number; reason: string }[] = [];
  if (original.startsWith('\ufeff')) replaced.push({ offset: 0, reason: 'byte order mark' });
  const mask: Replacer = (token, { comment, constant, offset }) => {
    if (comment === undefined && constant === undefined) return token;
    replaced.push({ offset, reason: comment === undefined ? 'NaN or Infinity' : 'comment' });
    if (constant === undefined) return blank(token);
    literals.set(offset, constant);
    return '0'.padEnd(constant.length);
  };
  return { text: replaceTokens(original.replace(/^\ufeff/, ' '), mask), literals, replaced };
}

/** Without byte order mark and `#` comments, which the repair does not know. */
export const repairable = (original: string): string =>
  replaceTokens(original.replace(/^\ufeff/, ''), (token, { comment }) =>
    comment === undefined ? token : blank(token),
  );

/** The same text with every comment replaced by spaces. */
export const withoutComments = (original: string): string =>
  replaceTokens(original, (token) => (/^[/#]/.test(token) ? blank(token) : token));

type Replacer = (
  token: string,
  found: { comment: string | undefined; constant: string | undefined; offset: number },
) => string;

const replaceTokens = (text: string, replacer: Replacer): string =>
  text.replace(TOKEN, (token: string, comment: string | undefined, constant: string | undefined, offset: number) =>
    replacer(token, { comment, constant, offset }),
  );

const blank = (token: string): string => ' '.repeat(token.length);
