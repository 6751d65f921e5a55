const DATE = String.raw`((?!0000)\d{4}-\d{2}-\d{2})`;
const CLOCK = String.raw`((?:[01]\d|2[0-3]):\d{2}(?::\d{2}(?:[.,](\d+))?)?)`;
/** As wide as Pydantic reads: a date alone is midnight, seconds may be missing, `_` and a space may stand for `T`. */
const DATE_TIME = new RegExp(`^${DATE}(?:[Tt _]${CLOCK}(Z|z|[+-]\\d{2}:?\\d{2})?)?$`);

/**
 * A `created_at` in the two forms that are needed: `instant` is RFC 3339 UTC for the API; `printed` is what Pydantic prints for
 * the same input and what QwenPaw signs: `Z` for a zero offset, other offsets kept, no zone for a naive time, and a fraction of
 * six digits or none.
 * @returns null when the text is no date and time
 */
export function pydanticDateTime(text: string): { instant: string; printed: string } | null {
  const match = DATE_TIME.exec(text);
  if (match === null) return null;
  const [, date = '', clock = '00:00', fraction = '', zone = ''] = match;
  const time = `${clock}:00`.slice(0, 8);
  const micros = fraction.slice(0, 6).padEnd(6, '0');
  const subseconds = micros === '000000' ? '' : `.${micros}`;
  const offset = printedOffset(zone);
  const at = new Date(`${date}T${time}${offset === '' ? 'Z' : offset}`);
  if (Number.isNaN(at.getTime()) || !isCalendarDate(date)) return null;
  const seconds = at.toISOString().slice(0, 19);
  return { instant: `${seconds}${subseconds}Z`, printed: `${date}T${time}${subseconds}${offset}` };
}

function printedOffset(zone: string): string {
  if (zone === '') return '';
  if (/^[zZ]$|^[+-]00:?00$/.test(zone)) return 'Z';
  return zone.includes(':') ? zone : `${zone.slice(0, 3)}:${zone.slice(3)}`;
}

/** JavaScript rolls 30 February over to March; Pydantic refuses it. */
function isCalendarDate(date: string): boolean {
  const midnight = new Date(`${date}T00:00:00Z`);
  return !Number.isNaN(midnight.getTime()) && midnight.toISOString().startsWith(date);
}
