import { Alert, Button, Group, Paper, Stack, Text } from '@mantine/core';
import { IconAlertTriangle, IconClockX } from '@tabler/icons-react';
import type { ImportView } from '@pawvault/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'wouter';
import { discardImport } from '../api/actions';
import { problemOfView } from '../api/problem';
import { useImport, useJob } from '../api/queries';
import { JobProgress } from '../jobs/job-progress';
import { Allowed } from '../widgets/allowed';
import { Answered } from '../widgets/answered';
import { useFormats } from '../widgets/formats';
import { notifyProblem } from '../widgets/notify';
import { Nothing } from '../widgets/nothing';
import { Page } from '../widgets/page';
import { ProblemAlert } from '../widgets/problem-alert';
import { Success } from '../widgets/success';
import { AboutArchive } from './about-archive';
import { CheckReport } from './check-report';
import { DecisionForm } from './decision-form';
import { isForgotten, isUnderWay } from './import-state';

/** One uploaded archive: its check, what has to be decided about it, and what became of it. */
export const ImportViewPage = ({ id }: { id: string }) => {
  const { t } = useTranslation();
  const query = useImport(id);
  const view = query.data;
  if (query.isError && isForgotten(query.error)) return <Forgotten />;
  return (
    <Page
      title={view?.meta?.name ?? view?.file_name ?? t('imports.one')}
      aside={view && t(`imports.state.${view.state}`)}
      back={{ href: '/import', label: t('imports.title') }}
      size="sm"
    >
      <Answered query={query}>{(found) => <Import view={found} />}</Answered>
    </Page>
  );
};

/** Also while it is being looked at: what was shown of it is no longer true. */
const Forgotten = () => {
  const { t } = useTranslation();
  return (
    <Page title={t('imports.one')} back={{ href: '/', label: t('backups.title') }} size="sm">
      <Nothing
        icon={<IconClockX size={48} stroke={1.2} aria-hidden />}
        title={t('imports.forgotten.title')}
        text={t('imports.forgotten.text')}
      >
        <Button component={Link} href="/import">
          {t('imports.forgotten.action')}
        </Button>
      </Nothing>
    </Page>
  );
};

const Import = ({ view }: { view: ImportView }) => {
  const formats = useFormats();
  const { t } = useTranslation();
  useBackupsAfter(view);
  return (
    <Stack gap="lg">
      {isUnderWay(view) && <UnderWay view={view} />}
      {view.state === 'accepting' && view.job_id !== null && <DiscardFailed id={view.id} jobId={view.job_id} />}
      {view.state === 'needs_decision' && (
        <>
          {view.job_id !== null && <FailedBefore jobId={view.job_id} />}
          <Allowed to="operator">
            <DecisionForm view={view} />
          </Allowed>
        </>
      )}
      {view.state === 'accepted' && view.backup_id !== null && <Accepted backupId={view.backup_id} />}
      {view.state === 'rejected' && <Rejected view={view} />}
      <AboutArchive view={view} />
      <CheckReport report={view.report} />
      {view.state !== 'accepted' && (view.state !== 'accepting' || view.job_id === null) && (
        <Allowed to="operator">
          <Discard id={view.id} />
        </Allowed>
      )}
      {view.expires_at !== null && view.state !== 'accepted' && (
        <Text size="sm" c="dimmed">
          {t('imports.expires', { at: formats.instant(view.expires_at) })}
        </Text>
      )}
    </Stack>
  );
};

function useBackupsAfter({ state }: ImportView): void {
  const queries = useQueryClient();
  useEffect(() => {
    for (const key of ['backups', 'backup', 'imports']) void queries.invalidateQueries({ queryKey: [key] });
  }, [queries, state]);
}

const UnderWay = ({ view }: { view: ImportView }) => {
  const { t } = useTranslation();
  return (
    <Paper withBorder p="md">
      <Text size="sm" mb="xs">
        {t(`imports.under_way.${view.state === 'uploading' || view.state === 'accepting' ? view.state : 'checking'}`)}
      </Text>
      {view.job_id !== null && <Following jobId={view.job_id} />}
    </Paper>
  );
};

const Following = ({ jobId }: { jobId: string }) => {
  const { t } = useTranslation();
  const { data: job } = useJob(jobId);
  if (job === undefined) return null;
  // A disk that fails says nothing against the archive: it stays until somebody discards it.
  if (job.state === 'failed' && job.error !== null) return <ProblemAlert problem={problemOfView(job.error)} />;
  if (job.state === 'cancelled') return <Text size="sm">{t('jobs.cancelled_text')}</Text>;
  return <JobProgress job={job} label={t('imports.one')} />;
};

/** Why an import that had been decided is to be decided again. */
const FailedBefore = ({ jobId }: { jobId: string }) => {
  const { data: job } = useJob(jobId);
  return job?.state === 'failed' && job.error !== null ? <ProblemAlert problem={problemOfView(job.error)} /> : null;
};

const Accepted = ({ backupId }: { backupId: string }) => {
  const { t } = useTranslation();
  const address = `/backups/${encodeURIComponent(backupId)}`;
  return (
    <Success title={t('imports.accepted.title')}>
      <Group gap="xs">
        <Button component={Link} href={address} size="xs">
          {t('create.show')}
        </Button>
        <Allowed to="operator">
          <Button component={Link} href={`${address}/restore`} size="xs" variant="default">
            {t('backups.actions.restore')}
          </Button>
        </Allowed>
      </Group>
    </Success>
  );
};

const Rejected = ({ view }: { view: ImportView }) => {
  const { t } = useTranslation();
  const failed = view.report.find(({ state }) => state === 'failed');
  const { code } = problemOfView({ code: failed?.code ?? '', message: failed?.message ?? '' });
  return (
    <Alert color="red" role="alert" icon={<IconAlertTriangle aria-hidden />} title={t('imports.rejected.title')}>
      <Stack gap={4}>
        <Text size="sm" fw={500}>
          {t(`errors.${code}.title`)}
        </Text>
        <Text size="sm">{t(`errors.${code}.remedy`)}</Text>
        <Text size="sm">{t('imports.rejected.text')}</Text>
      </Stack>
    </Alert>
  );
};

/** An acceptance that its job has failed over for good is carried on by nobody. */
const DiscardFailed = ({ id, jobId }: { id: string; jobId: string }) => {
  const { data: job } = useJob(jobId);
  if (job?.state !== 'failed' && job?.state !== 'cancelled') return null;
  return (
    <Allowed to="operator">
      <Discard id={id} />
    </Allowed>
  );
};

const Discard = ({ id }: { id: string }) => {
  const { t } = useTranslation();
  const [, navigate] = useLocation();
  const queries = useQueryClient();
  const discard = useMutation({
    mutationFn: () => discardImport(id),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['imports'] });
      navigate('/import');
    },
    onError: notifyProblem,
  });
  return (
    <Button variant="default" w="fit-content" loading={discard.isPending} onClick={() => discard.mutate()}>
      {t('imports.discard')}
    </Button>
  );
};
