import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { OMISSION_REASONS } from '@pawvault/contracts';
import { GENERATOR } from '../generator';
import { DEFAULT_EXCLUDE_RULES } from './exclude-rules';

const ROOT = join(__dirname, '../../../..');
const page = readFileSync(join(ROOT, 'docs/backup-contents.md'), 'utf8');

it('docs/backup-contents.md lists exactly the default exclude rules', () => {
  const section = page.slice(page.indexOf('## What is left out by rule'));
  const listed = [...section.matchAll(/^\| `([^`]+)`/gm)].map(([, rule]) => rule);
  expect(listed).toEqual(DEFAULT_EXCLUDE_RULES);
});

it.each(OMISSION_REASONS)('docs/backup-contents.md explains the omission %s', (reason) => {
  expect(page).toContain(`\`${reason}\``);
});

it('archives name the version of the package', () => {
  const { name, version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
  };
  expect(GENERATOR).toBe(`${name} ${version}`);
});
