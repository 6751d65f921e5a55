import { join } from 'node:path';
import type { BackupDetail, JobType } from '@pawvault/contracts';
import type { HttpClient } from '@pawvault/testing';
import { type FinishedJob, runJob } from './follow-job';
import { progressView } from './progress-view';
import { backupReport, verifyReport } from './report';
import type { Sample } from './sample';

/**
 * Takes a full backup, verifies it and shows what is in it.
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
