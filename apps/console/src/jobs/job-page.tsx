import { Alert, Anchor, Paper, Stack, Text } from '@mantine/core';
import type { JobView } from '@pawvault/contracts';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { problemOfView } from '../api/problem';
import { useJob } from '../api/queries';
import { RestoreAgain } from '../restore/restore-again';
import { Answered } from '../widgets/answered';
import { FactList } from '../widgets/fact-list';
import { useFormats } from '../widgets/formats';
import { Page } from '../widgets/page';
import { ProblemAlert } from '../widgets/problem-alert';
import { WarningList } from '../widgets/warning-list';
import { CancelButton } from './cancel-button';
import { JobProgress } from './job-progress';
import { JobResult } from './job-result';
import { JobStateBadge } from './job-state-badge';
import { useJobTitle } from './job-title';
import { hasEnded } from './poll-delay';

/** One job, live: it is asked about until it has ended. Its address leads back to it from anywhere. */
export const JobPage = ({ id }: { id: string }) => {
  const { t } = useTranslation();
  const titleOf = useJobTitle();
  const query = useJob(id);
  return (
    <Page
      title={query.data === undefined ? t('jobs.details') : titleOf(query.data)}
      aside={query.data && <JobStateBadge state={query.data.state} />}
      back={{ href: '/jobs', label: t('jobs.title') }}
      actions={query.data && <CancelButton job={query.data} />}
    >
      <Answered query={query}>{(job) => <Job job={job} connected={!query.isError} />}</Answered>
    </Page>
  );
};

const Job = ({ job, connected }: { job: JobView; connected: boolean }) => {
  const { t } = useTranslation();
  const titleOf = useJobTitle();
  useListsAfter(job);
  return (
    <Stack gap="lg">
      {!connected && (
        <Alert color="yellow" role="status">
          {t('jobs.connection_lost')}
        </Alert>
      )}
      {!hasEnded(job.state) && (
        <Paper withBorder p="md">
          <Stack gap="sm">
            <JobProgress job={job} label={titleOf(job)} />
            <Text size="sm" c="dimmed">
              {t('jobs.continues')}
            </Text>
          </Stack>
        </Paper>
      )}
      {job.state === 'failed' && job.error !== null && <ProblemAlert problem={problemOfView(job.error)} />}
      {job.state === 'cancelled' && <Alert color="gray">{t('jobs.cancelled_text')}</Alert>}
      <RestoreAgain job={job} />
      <JobResult job={job} />
      <WarningList warnings={job.warnings} />
      <Facts job={job} />
    </Stack>
  );
};

/** Whatever the job has changed is asked for anew. */
function useListsAfter({ id, state }: JobView): void {
  const queries = useQueryClient();
  useEffect(() => {
    if (!hasEnded(state)) return;
    for (const key of ['backups', 'backup', 'instance', 'imports', 'jobs'])
      void queries.invalidateQueries({ queryKey: [key] });
  }, [queries, id, state]);
}

const Facts = ({ job }: { job: JobView }) => {
  const { t } = useTranslation();
  const formats = useFormats();
  const at = (text: string | null): string => (text === null ? t('jobs.not_yet') : formats.instant(text));
  const seconds = (Date.parse(job.finished_at ?? '') - Date.parse(job.started_at ?? '')) / 1000;
  return (
    <FactList
      facts={[
        [t('jobs.created'), at(job.created_at)],
        [t('jobs.started'), at(job.started_at)],
        [t('jobs.finished'), at(job.finished_at)],
        !Number.isNaN(seconds) && [t('jobs.took'), formats.duration(seconds)],
        job.backup_id !== null && [
          t('jobs.backup'),
          job.type === 'backup.create' && job.state !== 'completed' ? (
            job.backup_id
          ) : (
            <Anchor component={Link} href={`/backups/${encodeURIComponent(job.backup_id)}`} size="sm">
              {job.backup_id}
            </Anchor>
          ),
        ],
        [t('jobs.id'), job.id],
      ]}
    />
  );
};
