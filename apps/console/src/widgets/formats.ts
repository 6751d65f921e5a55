import { useTranslation } from 'react-i18next';
import { byteCount } from '../format/byte-count';
import { duration } from '../format/duration';
import { numberFormat } from '../format/formatters';
import { instant } from '../format/instant';

export interface Formats {
  bytes: (count: number) => string;
  /** Of seconds. */
  duration: (seconds: number) => string;
  /** Of an RFC 3339 text. */
  instant: (text: string) => string;
  count: (value: number) => string;
}

/** Figures and times in the spelling of the reader's language. */
export function useFormats(): Formats {
  const { language } = useTranslation().i18n;
  return {
    bytes: (count) => byteCount(count, language),
    duration: (seconds) => duration(seconds, language),
    instant: (text) => instant(text, language),
    count: (value) => numberFormat(language, {}).format(value),
  };
}
