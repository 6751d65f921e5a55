import { numberFormat } from './formatters';

const UNITS = ['kilobyte', 'megabyte', 'gigabyte', 'terabyte', 'petabyte'] as const;

/**
 * For people, in the spelling of a language: `950 B`, `1.2 kB`, `34 GB`. Units are powers of 1000, as disks and QwenPaw count.
 * @param locale a BCP 47 tag
 */
export function byteCount(bytes: number, locale: string): string {
  if (Math.round(bytes) < 1000) return `${numberFormat(locale, {}).format(Math.round(bytes))} B`;
  let value = bytes / 1000;
  let unit = 0;
  // At 999.5 and above a whole number would say 1000.
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = value < 99.95 ? 1 : 0;
  return numberFormat(locale, {
    style: 'unit',
    unit: UNITS[unit] ?? 'petabyte',
    unitDisplay: 'short',
    minimumFractionDigits: 0,
    maximumFractionDigits: digits,
  }).format(value);
}
