import { Button } from '@mantine/core';
import type { JobView } from '@pawvault/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { cancelJob } from '../api/actions';
import { useMay } from '../widgets/allowed';
import { notifyProblem } from '../widgets/notify';
import { hasEnded } from './poll-delay';
import { isPastCancel } from './phase';

/** Ends a job. It is not offered where it would be refused: a restore that has begun to exchange things is carried through. */
export const CancelButton = ({ job }: { job: JobView }) => {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const cancel = useMutation({
    mutationFn: () => cancelJob(job.id),
    onError: notifyProblem,
    onSettled: () => queries.invalidateQueries({ queryKey: ['job', job.id] }),
  });
  const may = useMay('operator');
  if (!may || hasEnded(job.state) || isPastCancel(job.progress?.phase ?? '')) return null;
  const asked = cancel.isPending || cancel.isSuccess;
  return (
    <Button variant="default" size="xs" loading={cancel.isPending} disabled={asked} onClick={() => cancel.mutate()}>
      {asked ? t('jobs.cancelling') : t('jobs.cancel')}
    </Button>
  );
};
