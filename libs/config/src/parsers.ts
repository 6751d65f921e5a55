/**
 * Text of one variable → value. A parser never throws: what it cannot read becomes a value that the checks of
 * {@link Environment} refuse, so that every complaint is made in one place and names the key, not the value.
 */
export type Parser<T> = (text: string) => T;

const TRUE = ['true', '1', 'yes', 'on'];
const FALSE = ['false', '0', 'no', 'off'];
const UNITS: Record<string, number> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

export const parseText: Parser<string> = (text) => text.trim();

export const parseLower: Parser<string> = (text) => text.trim().toLowerCase();

/** NaN when it is no whole number. */
export const parseInteger: Parser<number> = (text) => (/^\s*\d+\s*$/.test(text) ? Number(text) : NaN);

/** null when it is neither. */
export function parseFlag(text: string): boolean | null {
  const word = parseLower(text);
  if (TRUE.includes(word)) return true;
  return FALSE.includes(word) ? false : null;
}

/** Bytes, from `1048576`, `1024K`, `1M`, `1 MiB`; the units are powers of 1024. NaN when it is none of these. */
export function parseBytes(text: string): number {
  const match = /^\s*(\d+)\s*([KMGT]?)(?:i?B)?\s*$/i.exec(text);
  return match ? Number(match[1]) * (UNITS[(match[2] ?? '').toUpperCase()] ?? NaN) : NaN;
}

/** Lines; a single line may also hold several items with commas between them. Empty items are dropped. */
export function parseList(text: string): string[] {
  const items = text.includes('\n') ? text.split(/\r?\n/) : text.split(',');
  return items.map((item) => item.trim()).filter((item) => item !== '');
}
