import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from '@pawvault/testing';
import { expandPath } from './workspace-path';

const home = join(tempDir('home'), 'me');
const before = process.env['HOME'];

beforeAll(() => {
  mkdirSync(home);
  process.env['HOME'] = home;
});
afterAll(() => {
  process.env['HOME'] = before;
});

it.each<[string, string]>([
  ['/srv/a', '/srv/a'],
  ['workspaces/a', '/w/workspaces/a'],
  ['~', home],
  ['~/elsewhere/a', join(home, 'elsewhere/a')],
  ['~other/a', '/w/~other/a'],
  ['~/.copaw', '/w'],
  ['~/.copaw/workspaces/a', '/w/workspaces/a'],
  [join(home, '.copaw/workspaces/a'), '/w/workspaces/a'],
  ['~/.copaw-old/a', '/w-old/a'],
  ['/other/.copaw/workspaces/a', '/other/.copaw/workspaces/a'],
])('%s leads to %s, as for QwenPaw', (path, expected) => {
  expect(expandPath(path, '/w')).toBe(expected);
});

it('knows the old working directory by its real path as well', () => {
  const real = join(tempDir('moved'), 'data');
  mkdirSync(real);
  symlinkSync(real, join(home, '.copaw'));
  expect(expandPath(join(real, 'workspaces/a'), '/w')).toBe('/w/workspaces/a');
  expect(expandPath('~/.copaw/workspaces/a', '/w')).toBe('/w/workspaces/a');
});
