import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { loadConfig, VARIABLES } from './index';

const PAGE = resolve(__dirname, '../../../docs/configuration.md');

/** The cells of every table row whose first cell is a variable. */
function documented(): Record<string, { default: string; meaning: string }> {
  const rows = readFileSync(PAGE, 'utf8')
    .split('\n')
    .filter((line) => /^\| `[A-Z_]+` /.test(line))
    .map((line) => line.split('|').map((cell) => cell.trim()));
  return Object.fromEntries(
    rows.map((cells) => [cells[1]?.replaceAll('`', ''), { default: cells[2] ?? '', meaning: cells[3] ?? '' }]),
  );
}

it('docs/configuration.md says what the table of variables says', () => {
  const table = Object.entries(VARIABLES).map(([name, variable]) => [
    name,
    { default: variable.default, meaning: variable.meaning },
  ]);
  expect(documented()).toEqual(Object.fromEntries(table));
});

it('the defaults that are literal values are the ones that apply', () => {
  const literals = Object.entries(VARIABLES).flatMap(([name, variable]) => {
    const literal = /^`([^`<$]+)`$/.exec(variable.default)?.[1];
    return literal === undefined ? [] : [[name, literal]];
  });
  expect(literals.length).toBeGreaterThan(10);
  expect(loadConfig({ HOME: '/home/paw', ...Object.fromEntries(literals) })).toEqual(loadConfig({ HOME: '/home/paw' }));
});
