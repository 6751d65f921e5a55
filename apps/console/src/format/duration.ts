import { listFormat, numberFormat } from './formatters';

const STEPS = [
  { unit: 'day', seconds: 86_400 },
  { unit: 'hour', seconds: 3600 },
  { unit: 'minute', seconds: 60 },
  { unit: 'second', seconds: 1 },
] as const;

type Unit = (typeof STEPS)[number]['unit'];

/**
 * A length of time in its two largest units, `1 min 5 sec`, in the spelling of a language. What is shorter than a second is told as one,
 * because nobody wants to read that something took no time.
 * @param locale a BCP 47 tag
 */
export function duration(seconds: number, locale: string): string {
  const whole = Math.max(1, Math.round(seconds));
  const largest = STEPS.findIndex((step) => whole >= step.seconds);
  const parts = partsOf(whole, largest);
  return listFormat(locale, { style: 'narrow', type: 'unit' }).format(
    parts.map(({ unit, count }) => unitFormat(unit, locale).format(count)),
  );
}

function partsOf(whole: number, largest: number): { unit: Unit; count: number }[] {
  let rest = whole;
  return STEPS.slice(largest, largest + 2).flatMap(({ unit, seconds }) => {
    const count = Math.floor(rest / seconds);
    rest -= count * seconds;
    return count > 0 ? [{ unit, count }] : [];
  });
}

const unitFormat = (unit: Unit, locale: string): Intl.NumberFormat =>
  numberFormat(locale, { style: 'unit', unit, unitDisplay: 'short' });
