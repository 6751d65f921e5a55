import { JsonNumber, type LosslessJson } from '@pawvault/archive';
import { compareCodePoints } from '@pawvault/contracts';

/** A key that can stand in a dotted path as it is. */
const PLAIN = /^[A-Za-z0-9_-]+$/;

/**
 * Dotted paths of the values that differ, in code-point order, never the values themselves: they may be secret. Lists are compared as a
 * whole; the order of keys means nothing. A key with a dot of its own is written `agents.profiles["QA_0.2"]`.
 */
export function configDiff(before: LosslessJson, after: LosslessJson): string[] {
  return [...differences(before, after, '')].sort(compareCodePoints);
}

export const isSameJson = (a: LosslessJson, b: LosslessJson): boolean => differences(a, b, '').next().done === true;

function* differences(
  before: LosslessJson | undefined,
  after: LosslessJson | undefined,
  path: string,
): Generator<string> {
  if (before instanceof Map && after instanceof Map) {
    for (const key of new Set([...before.keys(), ...after.keys()]))
      yield* differences(before.get(key), after.get(key), append(path, key));
  } else if (!isSameValue(before, after)) {
    yield path;
  }
}

function append(path: string, key: string): string {
  if (!PLAIN.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === '' ? key : `${path}.${key}`;
}

function isSameValue(a: LosslessJson | undefined, b: LosslessJson | undefined): boolean {
  if (a instanceof JsonNumber && b instanceof JsonNumber) return a.text === b.text;
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, index) => isSameItem(item, b[index]));
  return a === b;
}

const isSameItem = (a: LosslessJson, b: LosslessJson | undefined): boolean => b !== undefined && isSameJson(a, b);
