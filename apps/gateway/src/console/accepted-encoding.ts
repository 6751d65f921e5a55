/** The compressed forms that are kept, best first. */
export const ENCODINGS = ['br', 'gzip'] as const;
export type Encoding = (typeof ENCODINGS)[number];

/**
 * The best form among those at hand that the client takes (RFC 9110, 12.5.3); null for none: then the file goes out as it is.
 * Preferences among accepted ones are not weighed, because all forms cost the server the same.
 */
export function acceptedEncoding(header: string | undefined, atHand: readonly Encoding[]): Encoding | null {
  const weights = new Map((header ?? '').toLowerCase().split(',').map(parseWeight));
  const accepts = (name: Encoding): boolean => (weights.get(name) ?? weights.get('*') ?? 0) > 0;
  return ENCODINGS.find((name) => atHand.includes(name) && accepts(name)) ?? null;
}

function parseWeight(item: string): [name: string, weight: number] {
  const [name = '', ...parameters] = item.split(';').map((part) => part.trim());
  const weight = parameters.find((parameter) => parameter.startsWith('q='));
  return [name, weight === undefined ? 1 : Number(weight.slice(2))];
}
