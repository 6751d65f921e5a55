import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { JOB_TYPES, MODULES, OMISSION_REASONS } from '@pawvault/contracts';
import * as chinese from './chinese';
import * as english from './english';

type Texts = Map<string, string>;

/** Every text of a catalogue by its dotted key. */
const textsOf = (catalogue: object): Texts => new Map(flatten(catalogue, ''));

const flatten = (value: object, prefix: string): [string, string][] =>
  Object.entries(value).flatMap(([key, below]): [string, string][] =>
    typeof below === 'string' ? [[prefix + key, below]] : flatten(below as object, `${prefix}${key}.`),
  );

const placeholders = (text = ''): string =>
  [...text.matchAll(/\{\{(\w+)(?:, \w+)?\}\}/g)]
    .map((match) => match[1] ?? '')
    .sort()
    .join();

/** Everything that pages are made of. */
function sources(): string {
  const root = resolve(__dirname, '..');
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' });
  const own = files.filter((file) => /\.tsx?$/.test(file) && !file.endsWith('.spec.ts') && !file.startsWith('i18n'));
  return own.map((file) => readFileSync(resolve(root, file), 'utf8')).join('\n');
}

/** Patterns of the keys that the sources name: as they are, or with a part that is only known when the page runs. */
function usedKeys(): RegExp[] {
  // A text may stand in a template, and a template may be the key of one.
  const text = sources() + sources().replace(/\$\{[^}]*\}/g, '*');
  const keys = new Set([...text.matchAll(/['`]([a-z_]+(?:\.[\w*]+)+)['`]/g)].map(([, key]) => key ?? ''));
  return [...keys].map((key) => new RegExp(`^${key.replaceAll('.', '\\.').replaceAll('*', '.+')}$`));
}

const ENGLISH = textsOf(english);
const CHINESE = textsOf(chinese);

describe('the catalogues', () => {
  it.each([
    ['en', english],
    ['zh', chinese],
  ])('of %s are loaded, all of them', (language, catalogue) => {
    const areas = readdirSync(resolve(__dirname, language)).map((file) => file.replace(/\.ts$/, ''));
    expect(Object.keys(catalogue).sort()).toEqual(areas.sort());
  });

  it('have texts', () => expect(ENGLISH.size).toBeGreaterThan(150));

  it('have the same keys, apart from the singular that Chinese lacks', () => {
    const expected = [...ENGLISH.keys()].filter((key) => !key.endsWith('_one'));
    expect([...CHINESE.keys()].sort()).toEqual(expected.sort());
  });

  it('have a plural for every singular', () => {
    const singulars = [...ENGLISH.keys()].filter((key) => key.endsWith('_one'));
    expect(singulars.filter((key) => !ENGLISH.has(key.replace(/_one$/, '_other')))).toEqual([]);
  });

  it('name the same placeholders', () => {
    const differing = [...CHINESE].filter(([key, text]) => placeholders(text) !== placeholders(ENGLISH.get(key)));
    // A singular may say "this" where the plural counts.
    expect(differing.map(([key]) => key)).toEqual([]);
  });

  it('have no text that no page shows', () => {
    const used = usedKeys();
    const shown = (key: string): boolean => used.some((pattern) => pattern.test(key.replace(/_(one|other)$/, '')));
    expect([...ENGLISH.keys()].filter((key) => !shown(key))).toEqual([]);
  });

  it('say something, in their own language', () => {
    const silent = [...ENGLISH, ...CHINESE].filter(([, text]) => text.trim() === '' || text !== text.trim());
    expect(silent.map(([key]) => key)).toEqual([]);
    const same = [...CHINESE].filter(([key, text]) => text === ENGLISH.get(key) && /[a-z]{3}/i.test(text));
    expect(same.map(([key]) => key)).toEqual([]);
    const chineseInEnglish = [...ENGLISH].filter(([, text]) => /\p{Script=Han}/u.test(text));
    expect(chineseInEnglish.map(([key]) => key)).toEqual([]);
  });

  it('cover every value that the API may answer with', () => {
    expect(Object.keys(english.jobs.type).sort()).toEqual([...JOB_TYPES].sort());
    expect(Object.keys(english.backups.modules).sort()).toEqual([...MODULES].sort());
    expect(Object.keys(english.details.omission).sort()).toEqual([...OMISSION_REASONS].sort());
  });
});
