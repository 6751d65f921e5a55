import { DomainError } from '@pawvault/contracts';
import { assertKeptPlacesFit, isKept } from './kept-places';
import type { RestoreTarget } from './prepared-plan';

const target = (...keepInside: string[]): RestoreTarget => ({
  kind: 'agent',
  id: 'a',
  prefix: 'data/workspaces/a/',
  destination: '/w/a',
  exists: true,
  keepInside: keepInside.map((path) => ({ path: `/w/a/${path}`, reason: 'place' })),
  mounts: ['/w/a/media/nas'],
});

it.each([
  ['in/b', true],
  ['media/nas', true],
  ['media/nas/x', true],
  ['media', false],
  ['in/b/deep/x', true],
  ['in', false],
  ['in/bb', false],
  ['in/c/b', false],
  ['', false],
])('with in/b kept, %j is kept: %s', (path, expected) => {
  expect(isKept(target('in/b'), path)).toBe(expected);
});

const names = (...given: string[]) => ({
  get: (name: string) => (given.includes(name.slice('data/workspaces/a/'.length)) ? ({} as never) : undefined),
});

it.each([['in'], ['in/b']])('refuses an archive with a file at %s above a kept place', (file) => {
  const act = (): void => assertKeptPlacesFit(target('in/b/c'), names(file));
  expect(act).toThrow(DomainError);
  expect(act).toThrow(
    expect.objectContaining({
      details: { agent: 'a', path: `/w/a/${file}`, with: '/w/a/in/b/c', reason: 'blocks_kept_place' },
    }),
  );
});

it.each([['in/b/c'], ['in/b/c/x'], ['in/x'], ['in/']])('accepts one with %s', (file) => {
  expect(() => assertKeptPlacesFit(target('in/b/c'), names(file))).not.toThrow();
});
