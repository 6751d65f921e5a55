import { Alert, Anchor, Button, Center, Group, Paper, Select, Stack, Text } from '@mantine/core';
import type { JobState, JobView } from '@pawvault/contracts';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { problemOfView } from '../api/problem';
import { useJobs } from '../api/queries';
import { jobs as texts } from '../i18n/en/jobs';
import { Answered } from '../widgets/answered';
import { useFormats } from '../widgets/formats';
import { Nothing } from '../widgets/nothing';
import { Page } from '../widgets/page';
import { JobProgress } from './job-progress';
import { JobStateBadge } from './job-state-badge';
import { useJobTitle } from './job-title';
import { hasEnded } from './poll-delay';

const STATES = Object.keys(texts.state) as JobState[];

export const JobsPage = () => {
  const { t } = useTranslation();
  const [state, setState] = useState<JobState | null>(null);
  const query = useJobs(state);
  const filter = (
    <Select
      aria-label={t('jobs.filter.label')}
      data={STATES.map((value) => ({ value, label: t(`jobs.state.${value}`) }))}
      value={state}
      onChange={(value) => setState(value)}
      placeholder={t('jobs.filter.all')}
      clearable
      w={160}
    />
  );
  return (
    <Page title={t('jobs.title')} actions={filter}>
      <Answered query={query}>
        {({ pages }) => {
          const jobs = pages.flatMap((page) => page.jobs as JobView[]);
          if (jobs.length === 0) return <Nothing title={t('jobs.empty.title')} text={t('jobs.empty.text')} />;
          return (
            <Stack gap="xs">
              {query.isRefetchError && (
                <Alert color="yellow" role="status">
                  {t('jobs.connection_lost')}
                </Alert>
              )}
              {jobs.map((job) => (
                <JobRow key={job.id} job={job} />
              ))}
              {query.hasNextPage && (
                <Center>
                  <Button
                    variant="default"
                    loading={query.isFetchingNextPage}
                    onClick={() => void query.fetchNextPage()}
                  >
                    {t('app.more')}
                  </Button>
                </Center>
              )}
            </Stack>
          );
        }}
      </Answered>
    </Page>
  );
};

/** A job in a list: what it does, how it stands, and its error where it failed. */
export const JobRow = ({ job }: { job: JobView }) => {
  const { t } = useTranslation();
  const titleOf = useJobTitle();
  const formats = useFormats();
  return (
    <Paper withBorder p="sm">
      <Stack gap="xs">
        <Group justify="space-between" gap="xs">
          <Group gap="sm">
            <Anchor component={Link} href={`/jobs/${encodeURIComponent(job.id)}`} fw={500}>
              {titleOf(job)}
            </Anchor>
            <JobStateBadge state={job.state} />
          </Group>
          <Text size="sm" c="dimmed">
            {formats.instant(job.created_at)}
          </Text>
        </Group>
        {job.backup_id !== null && (
          <Text size="xs" c="dimmed" className="any-break">
            {job.backup_id}
          </Text>
        )}
        {!hasEnded(job.state) && <JobProgress job={job} label={titleOf(job)} />}
        {job.state === 'failed' && job.error !== null && (
          <Text size="sm" c="red">
            {t(`errors.${problemOfView(job.error).code}.title`)} {t(`errors.${problemOfView(job.error).code}.remedy`)}
          </Text>
        )}
      </Stack>
    </Paper>
  );
};
