import { type Issue, UnprocessableRequest } from './unprocessable-request';

const TRUE_WORDS = new Set(['1', 'on', 't', 'true', 'y', 'yes']);
const FALSE_WORDS = new Set(['0', 'off', 'f', 'false', 'n', 'no']);

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads the fields of a body as Pydantic does for QwenPaw: what is missing gets its default, unknown fields are ignored, and words and
 * numbers that can only mean yes or no are flags. Faults are collected; {@link FieldReader.finish} throws them all at once.
 */
export class FieldReader {
  private constructor(
    private readonly fields: Fields,
    private readonly place: (string | number)[],
    private readonly issues: Issue[],
  ) {}

  /** @throws UnprocessableRequest when the body is no object */
  static of(body: unknown): FieldReader {
    if (isObject(body)) return new FieldReader(body, ['body'], []);
    throw new UnprocessableRequest([body === undefined ? missing(['body'], null) : notAnObject(['body'], body)]);
  }

  /** Required where no fallback is given. */
  text(name: string, options: { fallback?: string; maxLength: number }): string {
    const value = this.value(name);
    if (value === undefined && options.fallback !== undefined) return options.fallback;
    return this.checkedText([name], value, options.maxLength) ? value : '';
  }

  /** null where it is missing, null or empty, which all say the same. */
  optionalText(name: string, { maxLength }: { maxLength: number }): string | null {
    const value = this.value(name) ?? '';
    return this.checkedText([name], value, maxLength) && value !== '' ? value : null;
  }

  /** Required where no fallback is given. */
  texts(name: string, options: { fallback?: string[]; maxLength: number }): string[] {
    const value = this.value(name);
    if (value === undefined && options.fallback !== undefined) return options.fallback;
    if (value === undefined) this.issues.push(missing([...this.place, name], this.fields));
    else if (!Array.isArray(value)) this.fault([name], value, 'list_type', 'Input should be a valid list');
    else return value.filter((item, i): item is string => this.checkedText([name, i], item, options.maxLength));
    return [];
  }

  flag(name: string, fallback: boolean): boolean {
    const value = this.value(name);
    return value === undefined ? fallback : (this.checkedFlag(name, value) ?? fallback);
  }

  optionalFlag(name: string): boolean | null {
    const value = this.value(name) ?? null;
    return value === null ? null : this.checkedFlag(name, value);
  }

  /** The fallback where it is missing. */
  choice<T extends string | null>(name: string, choices: readonly NonNullable<T>[], fallback: T): T {
    const value = this.value(name);
    if (value === undefined || value === fallback) return fallback;
    const chosen = choices.find((choice) => choice === value);
    if (chosen !== undefined) return chosen;
    const expected = choices.map((choice) => `'${choice}'`).join(' or ');
    this.fault([name], value, 'literal_error', `Input should be ${expected}`, expected);
    return fallback;
  }

  /** Fields of an object within; where that is missing all of its fields are. */
  within(name: string): FieldReader {
    const value = this.value(name);
    const fields = isObject(value) ? value : {};
    if (value !== undefined && !isObject(value)) this.issues.push(notAnObject([...this.place, name], value));
    return new FieldReader(fields, [...this.place, name], this.issues);
  }

  /** @throws UnprocessableRequest when anything that was read is at fault */
  finish(): void {
    if (this.issues.length > 0) throw new UnprocessableRequest(this.issues);
  }

  private value(name: string): unknown {
    return Object.hasOwn(this.fields, name) ? this.fields[name] : undefined;
  }

  private checkedText(path: (string | number)[], value: unknown, maxLength: number): value is string {
    if (value === undefined) this.issues.push(missing([...this.place, ...path], this.fields));
    else if (typeof value !== 'string') this.fault(path, value, 'string_type', 'Input should be a valid string');
    // An unpaired surrogate has no UTF-8: it could not be signed, nor be read by QwenPaw.
    else if (!value.isWellFormed())
      this.fault(path, null, 'string_unicode', 'Input should be a valid string of Unicode');
    else if (value.length > maxLength)
      this.fault(path, null, 'string_too_long', `String should have at most ${maxLength} characters`);
    else return true;
    return false;
  }

  private checkedFlag(name: string, value: unknown): boolean | null {
    if (typeof value === 'boolean') return value;
    if (typeof value === 'string' || typeof value === 'number') {
      const word = String(value).toLowerCase();
      if (TRUE_WORDS.has(word)) return true;
      if (FALSE_WORDS.has(word)) return false;
      this.fault([name], value, 'bool_parsing', 'Input should be a valid boolean, unable to interpret input');
    } else this.fault([name], value, 'bool_type', 'Input should be a valid boolean');
    return null;
  }

  private fault(path: (string | number)[], input: unknown, type: string, msg: string, expected?: string): void {
    const ctx = expected === undefined ? {} : { ctx: { expected } };
    this.issues.push({ type, loc: [...this.place, ...path], msg, input, ...ctx });
  }
}

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const missing = (loc: (string | number)[], input: unknown): Issue => ({
  type: 'missing',
  loc,
  msg: 'Field required',
  input,
});

const notAnObject = (loc: (string | number)[], input: unknown): Issue => ({
  type: 'model_attributes_type',
  loc,
  msg: 'Input should be a valid dictionary or object to extract fields from',
  input,
});
