/**
 * `attachment` with the name twice: in ASCII for old clients, and whole as RFC 5987 spells it. Nothing of the name can end the header or
 * leave the quotes.
 */
export function attachment(name: string): string {
  const ascii = name.replace(/[^\x20-\x7e]|["\\%/]/gu, '_');
  return `attachment; filename="${ascii}"; filename*=UTF-8''${percentEncode(name.toWellFormed())}`;
}

const percentEncode = (text: string): string =>
  encodeURIComponent(text).replace(/['()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
