import { Stack, Title } from '@mantine/core';
import type { JobType } from '@pawvault/contracts';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useUnfinishedJobs } from '../api/queries';
import { JobRow } from '../jobs/jobs-page';

/** Looks at the instance and previews last moments, and nobody waits for them here. */
const SHOWN: readonly JobType[] = [
  'backup.create',
  'backup.restore',
  'backup.verify',
  'backup.rename',
  'import.check',
  'import.accept',
];

/** What is under way, so that whoever comes back to the list finds it; the list is refreshed when something ends. */
export const RunningJobs = () => {
  const { t } = useTranslation();
  const { data } = useUnfinishedJobs();
  const jobs = (data ?? []).filter(({ type }) => SHOWN.includes(type));
  useRefreshAtEnd(jobs.map(({ id }) => id).join());
  if (jobs.length === 0) return null;
  return (
    <Stack gap="xs" component="section" aria-label={t('backups.running.title')}>
      <Title order={2} size="h4">
        {t('backups.running.title')}
      </Title>
      {jobs.map((job) => (
        <JobRow key={job.id} job={job} />
      ))}
    </Stack>
  );
};

function useRefreshAtEnd(ids: string): void {
  const queries = useQueryClient();
  const before = useRef(ids);
  useEffect(() => {
    if (before.current !== ids) void queries.invalidateQueries({ queryKey: ['backups'] });
    before.current = ids;
  }, [ids, queries]);
}
