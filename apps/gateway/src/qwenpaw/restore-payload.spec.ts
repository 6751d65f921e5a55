import type { BackupDetail } from '@pawvault/contracts';
import { readRestoreRequest } from './requests';
import { restorePayload } from './restore-payload';

const stats = { files: 1, bytes: 1, name: 'n' };
const BACKUP = { id: 'b', agents: { default: stats, writer: stats } } as unknown as BackupDetail;
const NONE = { include_global_config: false, include_skill_pool: false };
const EVERYTHING = { mode: 'full', agent_ids: ['writer', 'default'], include_secrets: true };

const payloadOf = (body: object) => restorePayload(readRestoreRequest(body), BACKUP);

describe('a restore that a client of QwenPaw asks for', () => {
  it('takes what is named, with the defaults of QwenPaw, and makes no backup first', () => {
    expect(payloadOf({ agent_ids: ['writer', 'writer'] })).toEqual({
      backup_id: 'b',
      mode: 'custom',
      agent_ids: ['writer'],
      include_global_config: true,
      include_secrets: false,
      include_skill_pool: true,
      default_workspace_dir: null,
      preserve_local_protected_config: null,
      trust_mode: null,
      pre_restore_backup: null,
      plan_hash: null,
    });
  });

  it('leaves agents alone whose box is not ticked', () => {
    expect(payloadOf({ include_agents: false, agent_ids: ['writer', 'ghost'] }).agent_ids).toEqual([]);
  });

  it('never removes what backups leave out, and makes no links that lead out, whatever else a request says', () => {
    const payload = payloadOf({ agent_ids: ['writer'], clean: true, outward_links: 'keep' });
    for (const field of ['clean', 'outward_links']) expect(payload).not.toHaveProperty(field);
  });

  it('of everything is a full one', () => {
    const rest = { default_workspace_dir: '/data', preserve_local_protected_config: true, trust_mode: 'legacy' };
    expect(payloadOf({ ...EVERYTHING, ...rest })).toMatchObject({ mode: 'full', agent_ids: [], ...rest });
  });

  it.each<[object, string[]]>([
    [{ include_secrets: false }, ['include_secrets']],
    [{ include_skill_pool: false, include_global_config: false }, ['include_global_config', 'include_skill_pool']],
    [{ agent_ids: ['writer'] }, ['agent_ids']],
    [{ include_agents: false }, ['include_agents', 'agent_ids']],
  ])('that is called full and narrowed by %j is refused rather than widened', (narrowing, fields) => {
    expect(() => payloadOf({ ...EVERYTHING, ...narrowing })).toThrow(
      expect.objectContaining({ code: 'VALIDATION_FAILED', details: { fields } }),
    );
  });

  it.each(['ghost', '../writer', 'toString'])('of the agent %j, which the backup lacks, is refused', (ghost) => {
    expect(() => payloadOf({ agent_ids: ['default', ghost] })).toThrow(
      expect.objectContaining({ code: 'RESTORE_AGENT_NOT_IN_BACKUP', details: { id: 'b', agents: [ghost] } }),
    );
  });

  it('of nothing is refused', () => {
    expect(() => payloadOf({ ...NONE, agent_ids: [] })).toThrow(expect.objectContaining({ code: 'NOTHING_SELECTED' }));
  });
});
