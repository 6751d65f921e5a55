import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { JobType, JobView } from '@pawvault/contracts';
import { newJobId } from '@pawvault/queue';
import { FIRST_BACKUP, FOREIGN_IMPORT, OWN_IMPORT, SECOND_BACKUP, type TerminationScene } from './termination-scene';

/** A kind of job, and what is true of the world when it has ended. */
export interface Work {
  add: (scene: TerminationScene) => Promise<JobView>;
  /** Ids of all backups that are there in the end. */
  backups: string[];
  /** A part of the result. */
  result: object;
  phases: Phase[];
}

/** A phase by what the worker does in it: see the call of a moment. Those that are `often` belong to every run of the tests. */
interface Phase {
  name: string;
  call: string;
  nth?: number;
  often?: true;
}

export const WORKS: Record<JobType, Work> = {
  'backup.create': {
    add: ({ queue, create }) => queue.add('backup.create', create('00000002')),
    backups: [FIRST_BACKUP, SECOND_BACKUP],
    result: { backup_id: SECOND_BACKUP, omission_count: 0 },
    phases: [
      { name: 'scanning', call: 'lstatSync .*/AGENTS.md' },
      { name: 'packing', call: 'open .*/work/.*/archive.tmp', often: true },
      { name: 'finishing', call: 'FileHandle.truncate' },
      { name: 'reading back', call: 'open .*/work/.*/archive.tmp', nth: 2 },
      { name: 'publishing', call: 'link .*/archive.tmp' },
      { name: 'tidying up', call: 'promises.rm .*/work/' },
      { name: 'recording', call: 'open .*/audit/[.]' },
    ],
  },
  'backup.restore': {
    add: ({ queue, restore }) => queue.add('backup.restore', restore()),
    backups: [FIRST_BACKUP, SECOND_BACKUP],
    result: { backup_id: FIRST_BACKUP, pre_restore_backup_id: SECOND_BACKUP },
    phases: [
      { name: 'preflight', call: 'readdir .*/skill_pool' },
      { name: 'backing up first', call: 'open .*-pre~.*/archive.tmp' },
      { name: 'planning under the lock', call: 'open .*/[.]master_key', nth: 2 },
      { name: 'staging', call: 'symlinkSync .*/new/', often: true },
      { name: 'saving the master key', call: 'open .*/_pre_restore_keys/' },
      { name: 'beginning to commit', call: 'rename .*journal.json.tmp', nth: 2 },
      { name: 'committing: the first target set aside', call: 'rename .*/workspaces/default$' },
      { name: 'committing: half of the targets exchanged', call: 'rename .*/skill_pool$', often: true },
      { name: 'committing: the settings', call: 'link .*/config.json' },
      { name: 'the commit point', call: 'rename .*journal.json.tmp', nth: 3 },
      { name: 'recording the result', call: 'open .*/restores/[.]' },
      { name: 'removing what was set aside', call: 'rmdir .*/old$' },
      { name: 'removing the journal', call: 'unlink .*journal.json$' },
    ],
  },
  'backup.verify': {
    add: ({ queue }) => queue.add('backup.verify', { backup_id: FIRST_BACKUP }),
    backups: [FIRST_BACKUP],
    result: { state: 'ok', trust: 'valid', problem_count: 0 },
    phases: [
      { name: 'reading', call: 'open .*[.]zip$', nth: 2 },
      { name: 'proving', call: 'FileHandle.read', nth: 12, often: true },
      { name: 'recording', call: 'rename .*/verifications/' },
    ],
  },
  'backup.rename': {
    add: ({ queue }) => queue.add('backup.rename', { backup_id: FIRST_BACKUP, name: '升级之前' }),
    backups: [FIRST_BACKUP],
    result: { name: '升级之前' },
    phases: [
      { name: 'verifying', call: 'open .*[.]zip$' },
      { name: 'copying', call: 'open .*/work/.*/archive.tmp', often: true },
      { name: 'replacing', call: 'rename .*/archive.tmp' },
    ],
  },
  'import.check': {
    add: ({ place, queue }) => {
      rmSync(join(place.backupDir, `${FIRST_BACKUP}.zip`));
      return queue.add('import.check', { import_id: OWN_IMPORT });
    },
    backups: [FIRST_BACKUP],
    result: { state: 'accepted', backup_id: FIRST_BACKUP },
    phases: [
      { name: 'proving', call: 'open .*/archive.zip$' },
      { name: 'having decided', call: 'rename .*import.json' },
      { name: 'taking the archive over', call: 'rename .*/archive.zip', often: true },
      { name: 'being about to publish', call: 'rename .*import.json', nth: 2 },
      { name: 'publishing', call: 'link .*/final.zip' },
      { name: 'tidying up', call: 'unlink .*/archive.zip' },
    ],
  },
  'import.accept': {
    add: async ({ queue, quarantine }) => {
      const jobId = newJobId('import.accept');
      // A decision belongs to one job, as the gateway hands it over.
      await quarantine.decide(FOREIGN_IMPORT, jobId);
      const payload = { import_id: FOREIGN_IMPORT, overwrite: false, trust_mode: 'legacy' } as const;
      return queue.add('import.accept', payload, { jobId });
    },
    backups: ['foreign', FIRST_BACKUP],
    result: { state: 'accepted', backup_id: 'foreign' },
    phases: [
      { name: 'accepting', call: 'rename .*import.json' },
      { name: 'signing', call: 'open .*/signed.zip' },
      { name: 'having signed', call: 'rename .*/signed.zip' },
      { name: 'being about to publish', call: 'rename .*import.json', nth: 2 },
      { name: 'publishing', call: 'link .*/final.zip', often: true },
      { name: 'tidying up', call: 'unlink .*/archive.zip' },
    ],
  },
  'restore.plan': {
    add: ({ queue, restore }) => {
      const { pre_restore_backup: _first, plan_hash: _hash, ...selection } = restore();
      return queue.add('restore.plan', selection);
    },
    backups: [FIRST_BACKUP],
    result: { backup_id: FIRST_BACKUP, mode: 'full' },
    phases: [{ name: 'comparing', call: 'readdir .*/skill_pool' }],
  },
  'instance.inspect': {
    add: ({ queue }) => queue.add('instance.inspect', {}),
    backups: [FIRST_BACKUP],
    result: { qwenpaw_version: '1.1.9' },
    phases: [{ name: 'looking', call: 'statSync .*/skill_pool' }],
  },
};
