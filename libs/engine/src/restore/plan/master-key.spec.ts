import { chmodSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FULL_SCOPE } from '@pawvault/contracts';
import { decideMasterKey } from './master-key';
import { type Planning, startPlanning } from './spec-support/planning';

let planning: Planning;
let key: string;

beforeEach(() => {
  planning = startPlanning();
  key = join(planning.instance.directories.secretDir, '.master_key');
});
afterEach(() => planning.close());

const SECRETS = { ...FULL_SCOPE, include_agents: false, include_skill_pool: false };
const backUp = () => planning.backUp({ scope: SECRETS, agents: [] });
const decide = async (reader: Awaited<ReturnType<typeof backUp>>) =>
  decideMasterKey(reader, planning.instance.directories.secretDir);

it.each<[string, () => void, boolean]>([
  ['the same', () => undefined, false],
  ['another', () => writeFileSync(key, 'x'.repeat(64)), true],
  ['a longer one', () => writeFileSync(key, 'x'.repeat(65)), true],
  ['something too large to be one', () => writeFileSync(key, Buffer.alloc(100_000)), true],
  ['none', () => rmSync(key), false],
])('an archive with a key over %s: replaced is %#', async (_, change, replaces) => {
  const reader = await backUp();
  change();
  expect(await decide(reader)).toEqual({ keeps: false, replaces, warning: null });
});

it('an empty key of the archive is not taken for one that is too large to read', async () => {
  writeFileSync(key, '');
  const reader = await backUp();
  writeFileSync(key, Buffer.alloc(100_000));
  expect(await decide(reader)).toMatchObject({ replaces: true });
});

it('an archive without a key keeps the local one', async () => {
  const local = 'k'.repeat(64);
  rmSync(key);
  const reader = await backUp();
  writeFileSync(key, local);
  chmodSync(key, 0o600);
  expect(await decide(reader)).toEqual({ keeps: true, replaces: false, warning: null });
});

it('a link as key counts as another one', async () => {
  const content = '0'.repeat(64);
  writeFileSync(key, content);
  rmSync(key);
  symlinkSync('envs.json', key);
  const reader = await backUp();
  rmSync(key);
  writeFileSync(key, content);
  expect(await decide(reader)).toMatchObject({ keeps: false, replaces: true });
});

it('with no key on either side it says that secrets may be unreadable', async () => {
  rmSync(key);
  const reader = await backUp();
  expect(await decide(reader)).toMatchObject({
    keeps: false,
    replaces: false,
    warning: { code: 'MASTER_KEY_NOT_IN_BACKUP' },
  });
});
