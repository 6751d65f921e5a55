import { dateTimeFormat } from './formatters';

/**
 * An RFC 3339 instant in the time zone and spelling of the reader; the text itself when it is no instant, as in hand-made archives.
 * @param timeZone for tests; the browser's own otherwise
 */
export function instant(text: string, locale: string, timeZone?: string): string {
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) return text;
  return dateTimeFormat(locale, {
    dateStyle: 'medium',
    timeStyle: 'short',
    ...(timeZone && { timeZone }),
  }).format(date);
}

/** `2026-04-20 09:30` in the time zone of the reader: sorts as text, and is the same in every language. */
export function sortableMinute(date: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-');
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}
