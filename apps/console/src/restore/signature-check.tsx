import { Paper, Stack, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { verifyBackup } from '../api/actions';
import { problemOfView } from '../api/problem';
import { useJob } from '../api/queries';
import { JobProgress } from '../jobs/job-progress';
import { hasEnded } from '../jobs/poll-delay';
import { ProblemAlert, ThrownAlert } from '../widgets/problem-alert';

/**
 * Reads an archive whose signature nobody has checked yet, so that the question of trust comes before the restore and not in the middle
 * of it. What it finds is then known of the backup.
 */
export const SignatureCheck = ({ backupId }: { backupId: string }) => {
  const { t } = useTranslation();
  const { mutate, data, error } = useMutation({ mutationFn: verifyBackup });
  useEffect(() => mutate(backupId), [mutate, backupId]);
  return (
    <Paper withBorder p="md">
      <Stack gap="sm">
        <Text size="sm">{t('restore.signature_check')}</Text>
        {error !== null && <ThrownAlert error={error} onRetry={() => mutate(backupId)} />}
        {data && <Following jobId={data.id} backupId={backupId} onRetry={() => mutate(backupId)} />}
      </Stack>
    </Paper>
  );
};

interface FollowingProps {
  jobId: string;
  backupId: string;
  onRetry: () => void;
}

const Following = ({ jobId, backupId, onRetry }: FollowingProps) => {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const { data: job } = useJob(jobId);
  const ended = hasEnded(job?.state ?? null);
  useEffect(() => {
    if (ended) void queries.invalidateQueries({ queryKey: ['backup', backupId] });
  }, [ended, queries, backupId]);
  if (job?.error) return <ProblemAlert problem={problemOfView(job.error)} onRetry={onRetry} />;
  return job && !ended ? <JobProgress job={job} label={t('jobs.type.backup.verify')} /> : null;
};
