import { type LosslessJson, parseLossless } from '@pawvault/archive';
import fc from 'fast-check';
import { configDiff, isSameJson } from './config-diff';

const json = (value: unknown): LosslessJson => parseLossless(JSON.stringify(value));

it.each<[unknown, unknown, string[]]>([
  [{ a: 1 }, { a: 1 }, []],
  [{ a: 1, b: 2 }, { b: 2, a: 1 }, []],
  [{ a: 1 }, { a: 2 }, ['a']],
  [{ a: 1 }, { a: '1' }, ['a']],
  [{}, { a: null }, ['a']],
  [{ a: { b: { c: 1 } } }, { a: { b: { c: 2 }, d: 1 } }, ['a.b.c', 'a.d']],
  [{ a: {} }, {}, ['a']],
  [{ a: { b: 1 } }, { a: {} }, ['a.b']],
  [{ a: { b: 1 } }, { a: [1] }, ['a']],
  [{ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] }, []],
  [{ a: [1, { b: 2 }] }, { a: [1, { b: 3 }] }, ['a']],
  [{ a: [1] }, { a: [1, null] }, ['a']],
  [{ agents: { profiles: { 'QA_0.2': { x: 1 } } } }, { agents: { profiles: {} } }, ['agents.profiles["QA_0.2"]']],
  [{ z: 1, Z: 1, a: 1 }, {}, ['Z', 'a', 'z']],
])('%j to %j: %j', (before, after, paths) => {
  expect(configDiff(json(before), json(after))).toEqual(paths);
});

it('sees a number that is spelled otherwise', () => {
  expect(configDiff(parseLossless('{"a":1}'), parseLossless('{"a":1.0}'))).toEqual(['a']);
});

it('names no path exactly where nothing differs, and the same ones in both directions', () => {
  const value = fc.object({ maxDepth: 3, values: [fc.integer(), fc.constantFrom('x', 'y', null, true)] });
  fc.assert(
    fc.property(value, value, (a, b) => {
      const [one, other] = [json(a), json(b)];
      expect(configDiff(one, other)).toEqual(configDiff(other, one));
      expect(isSameJson(one, other)).toBe(configDiff(one, other).length === 0);
      expect(configDiff(one, json(a))).toEqual([]);
    }),
  );
});
