import { type BackupScope, DomainError, FULL_SCOPE, type RestoreSelection } from '@pawvault/contracts';
import { archiveParts, type ArchiveParts, resolveRequest } from './resolve-request';
import { customRestore, FULL_RESTORE } from './spec-support/planning';

const EVERYTHING: ArchiveParts = {
  agents: new Set(['b', 'a']),
  modules: new Set(['global_config', 'skill_pool', 'secrets']),
};
const NO_SECRETS: BackupScope = { ...FULL_SCOPE, include_secrets: false };

const resolved = (
  selection: RestoreSelection,
  archive: { scope?: BackupScope; version?: string; parts?: ArchiveParts } = {},
) => {
  const { scope = FULL_SCOPE, version = '1', parts = EVERYTHING } = archive;
  return resolveRequest(selection, { meta: { id: 'x', version, scope }, parts });
};

const refusal = (act: () => unknown): { code: string; details: unknown } => {
  try {
    act();
  } catch (error) {
    if (error instanceof DomainError) return { code: error.code, details: error.details };
    throw error;
  }
  throw new Error('nothing was refused');
};

it('a full restore takes all that a full backup holds, whatever else the request names', () => {
  expect(resolved(FULL_RESTORE)).toEqual({
    scope: FULL_SCOPE,
    agents: ['a', 'b'],
    modules: { global_config: 'restore', skill_pool: 'restore', secrets: 'restore' },
  });
});

it.each(['global_config', 'skill_pool', 'secrets'] as const)('a full backup without %s skips it', (module) => {
  const parts = { ...EVERYTHING, modules: new Set([...EVERYTHING.modules].filter((name) => name !== module)) };
  expect(resolved(FULL_RESTORE, { parts }).modules).toMatchObject({ [module]: 'skip' });
});

it.each([
  ['of a partial backup', FULL_RESTORE, { scope: NO_SECRETS }, 'RESTORE_NEEDS_FULL_BACKUP'],
  ['of another format version', FULL_RESTORE, { version: '2' }, 'ARCHIVE_VERSION_UNSUPPORTED'],
  ['of nothing', customRestore([]), {}, 'NOTHING_SELECTED'],
  ['of an agent that the archive lacks', customRestore(['a', 'y', 'z']), {}, 'RESTORE_AGENT_NOT_IN_BACKUP'],
] as const)('a restore %s is refused', (_, selection, archive, code) => {
  expect(refusal(() => resolved(selection, archive)).code).toBe(code);
});

it('names the agents that are missing', () => {
  expect(refusal(() => resolved(customRestore(['z', 'a', 'y'])))).toMatchObject({ details: { agents: ['y', 'z'] } });
});

it('a custom restore takes what is ticked, each agent once, and skips what the archive lacks', () => {
  const parts: ArchiveParts = { agents: new Set(['a', 'b']), modules: new Set(['secrets']) };
  const selection = customRestore(['b', 'a', 'b'], { include_skill_pool: true, include_secrets: true });
  expect(resolved(selection, { scope: NO_SECRETS, parts })).toEqual({
    scope: { include_agents: true, include_global_config: false, include_skill_pool: true, include_secrets: true },
    agents: ['a', 'b'],
    modules: { global_config: 'untouched', skill_pool: 'skip', secrets: 'restore' },
  });
});

const entriesOf = (...names: string[]) => ({
  entries: names.map((name) => ({
    name,
    type: 'file' as const,
    size: 0,
    compressedSize: 0,
    method: 0 as const,
    crc32: 0,
    mode: null,
    mtimeMs: 0,
    offset: 0,
    end: 0,
    flags: 0,
    dosDateTime: 0,
  })),
});

it('finds the parts of an archive by its entries, empty agents included', () => {
  const found = archiveParts(
    entriesOf('meta.json', 'data/workspaces/', 'data/workspaces/a/', 'data/workspaces/b/x', 'data/config.json'),
  );
  expect(found).toEqual({ agents: new Set(['a', 'b']), modules: new Set(['global_config']) });
});
