import { compareCodePoints } from '@pawvault/contracts';

/** A JSON number with its own spelling: JavaScript would read Python's `1.0` as the integer 1 and lose digits of large integers. */
export class JsonNumber {
  constructor(readonly text: string) {}
}

export type LosslessJson = null | boolean | string | JsonNumber | LosslessJson[] | Map<string, LosslessJson>;

const TOKEN = /\s*(?:([{}[\],:])|("(?:[^"\\]|\\.)*")|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(true|false|null))/y;
const MAX_NESTING = 64;

/**
 * Parses JSON, keeping the spelling of numbers. Later duplicates of a key win, as in Python and JavaScript.
 * @throws SyntaxError also beyond 64 levels of nesting
 */
export function parseLossless(text: string): LosslessJson {
  // The platform's parser decides what is JSON; the reader below may then be simple.
  JSON.parse(text);
  return new LosslessReader(text).value(0);
}

class LosslessReader {
  private readonly tokens: Iterator<RegExpMatchArray>;
  private current: RegExpMatchArray;

  constructor(text: string) {
    this.tokens = text.matchAll(new RegExp(TOKEN, 'gy'));
    this.current = this.next();
  }

  value(depth: number): LosslessJson {
    if (depth > MAX_NESTING) throw new SyntaxError('JSON is nested too deeply');
    const [, punctuation, string, number, word] = this.current;
    if (punctuation === '{') return this.object(depth);
    if (punctuation === '[') return this.array(depth);
    this.advance();
    if (string !== undefined) return JSON.parse(string) as string;
    if (number !== undefined) return new JsonNumber(number);
    return word === 'null' ? null : word === 'true';
  }

  private object(depth: number): Map<string, LosslessJson> {
    const result = new Map<string, LosslessJson>();
    this.advance();
    while (this.current[1] !== '}') {
      const key = JSON.parse(this.current[2] ?? '""') as string;
      this.advance();
      this.advance();
      result.set(key, this.value(depth + 1));
      if (this.current[1] === ',') this.advance();
    }
    this.advance();
    return result;
  }

  private array(depth: number): LosslessJson[] {
    const result: LosslessJson[] = [];
    this.advance();
    while (this.current[1] !== ']') {
      result.push(this.value(depth + 1));
      if (this.current[1] === ',') this.advance();
    }
    this.advance();
    return result;
  }

  private advance(): void {
    this.current = this.next();
  }

  private next(): RegExpMatchArray {
    const step = this.tokens.next();
    return step.done === true ? [''] : step.value;
  }
}

/** Prints as Python's `json.dumps(…, sort_keys=True, separators=(',', ':'), ensure_ascii=False)`. */
export function printCanonical(value: LosslessJson): string {
  if (value instanceof JsonNumber) return printNumber(value.text);
  if (value instanceof Map) {
    const keys = [...value.keys()].sort(compareCodePoints);
    return `{${keys.map((key) => `${JSON.stringify(key)}:${printCanonical(value.get(key) ?? null)}`).join(',')}}`;
  }
  if (Array.isArray(value)) return `[${value.map(printCanonical).join(',')}]`;
  return JSON.stringify(value);
}

/** Integers keep their digits (Python's are unbounded); everything else is a float and printed by Python's repr rules. */
function printNumber(text: string): string {
  if (!/[.eE]/.test(text)) return text === '-0' ? '0' : text;
  const number = Number(text);
  if (!Number.isFinite(number)) return number > 0 ? 'Infinity' : '-Infinity';
  return pythonFloat(number);
}

/** Both languages choose the shortest digits that read back; they differ in when the exponent appears (repr: below 1e-4, from 1e16). */
function pythonFloat(number: number): string {
  if (number === 0) return Object.is(number, -0) ? '-0.0' : '0.0';
  const [mantissa = '', exponentText = '0'] = number.toExponential().split('e');
  const exponent = Number(exponentText);
  if (exponent < -4 || exponent >= 16) {
    const sign = exponent < 0 ? '-' : '+';
    return `${mantissa}e${sign}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  // Not toFixed: it rounds a tie up where the shortest digits are the even ones.
  const plain = String(number);
  return plain.includes('.') ? plain : `${plain}.0`;
}
