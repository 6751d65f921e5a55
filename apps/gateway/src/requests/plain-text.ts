import { ValidateBy, type ValidationOptions } from 'class-validator';

const CONTROL = /\p{Cc}/u;
const CONTROL_BUT_LAYOUT = /[^\P{Cc}\t\n\r]/u;

export interface PlainText {
  minLength?: number;
  maxLength: number;
  /** Line breaks and tabs are allowed. */
  multiline?: boolean;
}

/**
 * Text that every consumer can hold: no control characters, and well-formed, because an unpaired surrogate has no UTF-8 and could not be
 * signed. Lengths are in UTF-16 units, blank text counts as empty.
 */
export function IsPlainText(
  { minLength = 0, maxLength, multiline = false }: PlainText,
  options?: ValidationOptions,
): PropertyDecorator {
  const forbidden = multiline ? CONTROL_BUT_LAYOUT : CONTROL;
  const isPlain = (value: unknown): boolean =>
    typeof value === 'string' &&
    value.trim().length >= minLength &&
    value.length <= maxLength &&
    value.isWellFormed() &&
    !forbidden.test(value);
  const bounds = minLength > 0 ? `${minLength} to ${maxLength}` : `at most ${maxLength}`;
  return ValidateBy(
    {
      name: 'isPlainText',
      validator: {
        validate: isPlain,
        defaultMessage: () => `$property must be text of ${bounds} characters without control characters`,
      },
    },
    options,
  );
}
