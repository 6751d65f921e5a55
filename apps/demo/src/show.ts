import { join } from 'node:path';
import type { BackupDetail, JobType } from '@pawvault/contracts';
import type { HttpClient, SampleInstance } from '@pawvault/testing';
import { destroy } from './destroy';
import { type FinishedJob, runJob } from './follow-job';
import { progressView } from './progress-view';
import { proveEquality } from './prove-equality';
import { backupReport, verifyReport } from './report';
import type { Sample } from './sample';

/**
 * Takes a full backup, verifies it, shows what is in it, destroys things and restores them.
 * @throws Error when a job fails or the backup is not sound
 */
export async function show(client: HttpClient, { instance }: Sample): Promise<void> {
  console.log('\nTaking a full backup while the instance is in use:');
  const backup = await withProgress<'backup.create'>(client, 'Backup', {
    path: '/api/v1/backups',
    body: { name: 'Demo', description: 'All of the sample instance', mode: 'full' },
  });
  console.log('\nVerifying every entry against size, checksum, digest and signature:');
  const { backup_id: id } = backup.result;
  const verified = await withProgress<'backup.verify'>(client, 'Verify', { path: `/api/v1/backups/${id}/verify` });
  console.log(verifyReport(verified.result));
  if (verified.result.state !== 'ok') throw new Error('The backup is not sound');
  const detail = await client.get<BackupDetail>(`/api/v1/backups/${id}`);
  const path = join(instance.directories.backupDir, detail.file_name);
  console.log(`\nThe backup:\n${backupReport(detail, backup, path)}`);
  await destroyAndRestore(client, instance, id);
}

/** The reason for all of it: something goes wrong, and afterwards it has not happened. */
async function destroyAndRestore(client: HttpClient, instance: SampleInstance, id: string): Promise<void> {
  instance.close();
  console.log('\nQwenPaw is stopped, and things go wrong:');
  for (const deed of destroy(instance)) console.log(`  ${deed}`);
  console.log('\nRestoring everything, with a backup of the mess first:');
  const restored = await withProgress<'backup.restore'>(client, 'Restore', {
    path: `/api/v1/backups/${id}/restores`,
    body: { mode: 'full', pre_restore_backup: true, confirm: true },
  });
  const { replaced, added, pre_restore_backup_id } = restored.result;
  const equal = await proveEquality(client, id, instance);
  console.log(`  Replaced: ${replaced.join(', ')}${added.length > 0 ? `; added: ${added.join(', ')}` : ''}`);
  console.log(`  All ${equal} files on the disk have the digests of the backup.`);
  console.log(`  Restoring ${pre_restore_backup_id} would undo it.`);
}

async function withProgress<T extends JobType>(
  client: HttpClient,
  label: string,
  request: { path: string; body?: unknown },
): Promise<FinishedJob<T>> {
  const view = progressView(label, process.stdout);
  let done = false;
  try {
    const job = await runJob<T>(client, request, view.update);
    done = true;
    return job;
  } finally {
    view.end({ done });
  }
}
