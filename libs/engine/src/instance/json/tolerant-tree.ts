import { JsonNumber, type LosslessJson } from '@pawvault/archive';
import { type Node, type ParseError, parseTree, type ParseOptions, printParseErrorCode, visit } from 'jsonc-parser';
import type { MaskedText } from './masked-text';

const TOLERANT: ParseOptions = { allowTrailingComma: true };
const STRICT: ParseOptions = { disallowComments: true };
const MAX_NESTING = 64;
/** Errors that are no remark behind the object, wherever they are found. */
const NO_REMARK = new Set(['CloseBraceExpected', 'InvalidCommentToken']);
const BEHIND = 'text after the end of the object';

/** The syntax tree of JSON with comments and trailing commas, or null if the text has other faults. */
export function tolerantTree({ text }: MaskedText): Node | null {
  const errors: ParseError[] = [];
  const tree = withinStack(() => parseTree(text, errors, TOLERANT))?.result;
  if (tree?.type !== 'object') return null;
  const end = tree.offset + tree.length;
  // A second document behind the first is no remark that can be passed over.
  const onlyRemarks = errors.every((error) => isBehind(error, end)) && !/[{[]/.test(text.slice(end));
  return errors.length === 0 || onlyRemarks ? tree : null;
}

/** The first place at which a text departs from JSON; null if it does not. Takes no memory for the text that follows. */
export function firstFault({ text, replaced }: MaskedText): { offset: number; reason: string } | null {
  const faults: { offset: number; reason: string }[] = [];
  let depth = 0;
  let end = Infinity;
  const onError = (error: ParseError['error'], offset: number): void => {
    if (faults.length > 0) return;
    const behind = isBehind({ error, offset, length: 0 }, end);
    const reason = behind ? BEHIND : reasonOf(printParseErrorCode(error), text.slice(offset, offset + 1));
    faults.push({ offset, reason });
  };
  const opened = (): boolean => (depth++, true);
  const closed = (offset: number): void => void (--depth === 0 && (end = offset + 1));
  const visitor = { onObjectBegin: opened, onArrayBegin: opened, onObjectEnd: closed, onArrayEnd: closed, onError };
  const finished = withinStack<unknown>(() => visit(text, visitor, STRICT));
  if (finished === null && faults.length === 0) faults.push({ offset: 0, reason: 'nested too deeply' });
  return [...replaced, ...faults].sort((a, b) => a.offset - b.offset)[0] ?? null;
}

const isBehind = ({ error, offset }: ParseError, end: number): boolean =>
  offset >= end && !NO_REMARK.has(printParseErrorCode(error));

/** Hostile text may be nested until the stack ends. @returns null then */
function withinStack<T>(act: () => T): { result: T } | null {
  try {
    return { result: act() };
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

const REASONS: Record<string, string> = {
  InvalidCommentToken: 'comment',
  UnexpectedEndOfComment: 'comment',
  PropertyNameExpected: 'a key in double quotes is missing',
  ValueExpected: 'a value is missing',
  ColonExpected: 'a colon is missing',
  CommaExpected: 'a comma is missing',
  CloseBraceExpected: 'a closing bracket is missing',
  CloseBracketExpected: 'a closing bracket is missing',
  EndOfFileExpected: BEHIND,
  UnexpectedEndOfString: 'a closing quote is missing',
  InvalidEscapeCharacter: 'an escape sequence that JSON does not know',
  InvalidUnicode: 'an escape sequence that JSON does not know',
  InvalidCharacter: 'a control character in a string',
};

function reasonOf(name: string, found: string): string {
  const lacks = name === 'PropertyNameExpected' || name === 'ValueExpected';
  if (lacks && /[}\]]/.test(found)) return 'trailing comma';
  return REASONS[name] ?? 'a character that JSON does not allow here';
}

/** @throws SyntaxError beyond 64 levels of nesting */
export function valueOf(node: Node, masked: MaskedText, depth = 0): LosslessJson {
  if (depth > MAX_NESTING) throw new SyntaxError('JSON is nested too deeply');
  const children = node.children ?? [];
  if (node.type === 'array') return children.map((child) => valueOf(child, masked, depth + 1));
  if (node.type === 'object') {
    const entries = children.flatMap(({ children: [key, value] = [] }) =>
      key === undefined || value === undefined
        ? []
        : [[key.value as string, valueOf(value, masked, depth + 1)] as const],
    );
    return new Map(entries);
  }
  if (node.type !== 'number') return node.value as string | boolean | null;
  const spelled = masked.text.slice(node.offset, node.offset + node.length);
  return new JsonNumber(masked.literals.get(node.offset) ?? spelled);
}
