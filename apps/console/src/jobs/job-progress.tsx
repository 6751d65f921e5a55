import { Group, Progress, Stack, Text } from '@mantine/core';
import type { JobProgress as Progressing, JobView } from '@pawvault/contracts';
import { useTranslation } from 'react-i18next';
import { useFormats } from '../widgets/formats';
import { phaseOf } from './phase';

/** How far a job is that has not ended: percent, phase, what it works on, bytes, speed and the time left. */
export const JobProgress = ({ job, label }: { job: JobView; label: string }) => {
  const { t } = useTranslation();
  const percent = job.progress?.percent ?? 0;
  return (
    <Stack gap={6}>
      <Group justify="space-between" wrap="nowrap" gap="xs">
        <Text size="sm" fw={500} aria-live="polite">
          {job.state === 'queued' ? t('jobs.state.queued') : <PhaseName progress={job.progress} />}
        </Text>
        <Text size="sm" ff="monospace">
          {Math.floor(percent)} %
        </Text>
      </Group>
      <Progress.Root size="lg">
        <Progress.Section
          value={percent}
          animated={job.state === 'running'}
          aria-label={t('jobs.progress_of', { name: label })}
        />
      </Progress.Root>
      {job.state === 'queued' && (
        <Text size="sm" c="dimmed">
          {t('jobs.queued_text')}
        </Text>
      )}
      {job.state === 'running' && job.progress !== null && <Figures progress={job.progress} />}
    </Stack>
  );
};

const PhaseName = ({ progress }: { progress: Progressing | null }) => {
  const { t } = useTranslation();
  if (progress === null) return t('jobs.phase.starting');
  const { name, first } = phaseOf(progress.phase);
  const words = name === null ? progress.phase : t(`jobs.phase.${name}`);
  return first ? t('jobs.phase.backing_up_first', { phase: words }) : words;
};

const Figures = ({ progress }: { progress: Progressing }) => {
  const { t } = useTranslation();
  const formats = useFormats();
  const { current, bytes_done, bytes_total, bytes_per_second, eta_seconds } = progress;
  const figures = [
    bytes_total > 0 && t('jobs.bytes', { done: formats.bytes(bytes_done), total: formats.bytes(bytes_total) }),
    bytes_per_second > 0 && t('jobs.speed', { bytes: formats.bytes(bytes_per_second) }),
    eta_seconds !== null && t('jobs.remaining', { time: formats.duration(eta_seconds) }),
  ].filter((text) => text !== false);
  return (
    <Group justify="space-between" gap="xs">
      <Text size="sm" c="dimmed" className="any-break">
        {current !== null && current !== '' && t('jobs.current', { name: current })}
      </Text>
      <Text size="sm" c="dimmed">
        {figures.join(' · ')}
      </Text>
    </Group>
  );
};
