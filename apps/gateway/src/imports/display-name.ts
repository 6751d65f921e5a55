const LONGEST = 200;

/** A file name as a client gave it, fit to be shown and for nothing else: its last component, without what a terminal or page could trip over. */
export function displayName(given: string | undefined): string | null {
  const last = (given ?? '').split(/[\\/]/).at(-1) ?? '';
  // eslint-disable-next-line no-control-regex -- control characters are what is removed
  const plain = last.replace(/[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, '').trim();
  return plain === '' ? null : plain.slice(0, LONGEST).toWellFormed();
}
