import { DomainError, JOB_TYPES } from '@pawvault/contracts';
import type { JobType } from '@pawvault/contracts';
import fc from 'fast-check';
import { validatePayload } from './index';
import { createPayload, planPayload, restorePayload } from './spec-support/samples';

function faults(type: JobType, payload: unknown): unknown {
  try {
    validatePayload(type, payload);
  } catch (error) {
    if (error instanceof DomainError && error.code === 'JOB_PAYLOAD_INVALID') return error.details['fields'];
    throw error;
  }
  return [];
}

const scope = createPayload().scope;
const identity = { created_at: '2026-04-20T09:30:00.000Z', short_id: '0011aaff' };

describe('validatePayload', () => {
  it.each([
    ['backup.create', createPayload()],
    ['backup.create', createPayload({ agents: 'all', created_at: '2026-04-20T09:30:00Z', name: '', description: '' })],
    ['backup.create', createPayload({ agents: [] })],
    ['backup.verify', { backup_id: 'qwenpaw-1.1.9-20260420T093000Z-ab12cd34' }],
    ['backup.rename', { backup_id: 'x' }],
    ['backup.rename', { backup_id: 'x', name: '名字', description: '' }],
    ['restore.plan', planPayload({ mode: 'full', agent_ids: [], trust_mode: 'foreign' })],
    ['restore.plan', planPayload({ default_workspace_dir: '/data/猫', preserve_local_protected_config: false })],
    // The next two are also what versions before `clean` and `outward_links` have left in the queue.
    ['restore.plan', planPayload()],
    ['backup.restore', restorePayload()],
    ['restore.plan', planPayload({ clean: true, outward_links: 'keep' })],
    ['backup.restore', restorePayload({ clean: false, outward_links: 'skip' })],
    ['backup.restore', restorePayload({ pre_restore_backup: identity, plan_hash: '0f'.repeat(32) })],
    ['instance.inspect', {}],
  ] as const)('%s takes %j', (type, payload) => {
    expect(validatePayload(type, payload)).toBe(payload);
  });

  it.each<[JobType, unknown, string[]]>([
    ['backup.create', { ...createPayload(), name: 5 }, ['name']],
    ['backup.create', { ...createPayload(), extra: 1 }, ['extra']],
    ['backup.create', { ...createPayload(), scope: { ...scope, include_moon: true } }, ['scope.include_moon']],
    ['backup.create', { ...createPayload(), scope: { ...scope, include_agents: 'yes' } }, ['scope.include_agents']],
    ['backup.create', { ...createPayload(), scope: null }, ['scope']],
    ['backup.create', { ...createPayload(), agents: 'some' }, ['agents']],
    ['backup.create', { ...createPayload(), agents: ['a', 'a'] }, ['agents']],
    ['backup.create', { ...createPayload(), agents: ['../a'] }, ['agents']],
    ['backup.create', { ...createPayload(), created_at: '2026-04-20' }, ['created_at']],
    ['backup.create', { ...createPayload(), short_id: 'AB12CD34' }, ['short_id']],
    ['backup.create', {}, ['name', 'description', 'scope', 'agents', 'created_at', 'short_id']],
    ['backup.verify', { backup_id: '.hidden' }, ['backup_id']],
    ['backup.verify', { backup_id: 'x\n' }, ['backup_id']],
    ['backup.rename', { backup_id: 'x', name: null }, ['name']],
    ['restore.plan', { ...planPayload(), backup_id: '../x' }, ['backup_id']],
    ['restore.plan', { ...planPayload(), mode: 'some' }, ['mode']],
    ['restore.plan', { ...planPayload(), agent_ids: 'all' }, ['agent_ids']],
    ['restore.plan', { ...planPayload(), agent_ids: ['a', 'a'] }, ['agent_ids']],
    ['restore.plan', { ...planPayload(), agent_ids: ['..'] }, ['agent_ids']],
    ['restore.plan', { ...planPayload(), include_secrets: null }, ['include_secrets']],
    ['restore.plan', { ...planPayload(), default_workspace_dir: 'agents' }, ['default_workspace_dir']],
    ['restore.plan', { ...planPayload(), default_workspace_dir: '/a\0b' }, ['default_workspace_dir']],
    ['restore.plan', { ...planPayload(), trust_mode: undefined }, ['trust_mode']],
    ['restore.plan', { ...planPayload(), trust_mode: 'blind' }, ['trust_mode']],
    ['restore.plan', { ...planPayload(), preserve_local_protected_config: 1 }, ['preserve_local_protected_config']],
    ['restore.plan', { ...planPayload(), clean: 'yes' }, ['clean']],
    ['restore.plan', { ...planPayload(), clean: null }, ['clean']],
    ['backup.restore', { ...restorePayload(), outward_links: 'follow' }, ['outward_links']],
    ['restore.plan', restorePayload(), ['pre_restore_backup', 'plan_hash']],
    ['backup.restore', planPayload(), ['pre_restore_backup', 'plan_hash']],
    ['backup.restore', restorePayload({ plan_hash: 'AB' }), ['plan_hash']],
    ['backup.restore', { ...restorePayload(), pre_restore_backup: true }, ['pre_restore_backup']],
    [
      'backup.restore',
      restorePayload({ pre_restore_backup: { ...identity, short_id: 'x' } }),
      ['pre_restore_backup.short_id'],
    ],
    [
      'backup.restore',
      { ...restorePayload(), pre_restore_backup: { ...identity, name: 'x' } },
      ['pre_restore_backup.name'],
    ],
    ['instance.inspect', { path: '/etc' }, ['path']],
    ['instance.inspect', { constructor: [] }, ['constructor']],
    ['backup.create', { ...createPayload(), scope: { ...scope, constructor: 1 } }, ['scope.constructor']],
    ['instance.inspect', null, ['payload']],
    ['instance.inspect', [], ['payload']],
    ['instance.inspect', 'x', ['payload']],
  ])('%s refuses %j', (type, payload, fields) => {
    expect(faults(type, payload)).toEqual(fields);
  });

  it('never lets an unknown field through, whatever its name and value', () => {
    const known = new Set([
      ...Object.keys(createPayload()),
      ...Object.keys(restorePayload()),
      'clean',
      'outward_links',
    ]);
    const names = fc.string({ minLength: 1 }).filter((name) => !known.has(name));
    fc.assert(
      fc.property(fc.constantFrom(...JOB_TYPES), names, fc.jsonValue(), (type, name, value) => {
        const payload = JSON.parse(JSON.stringify({ [name]: value })) as object;
        expect(faults(type, payload)).not.toEqual([]);
      }),
    );
  });
});
