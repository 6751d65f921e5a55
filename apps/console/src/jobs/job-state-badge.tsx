import { Badge, type MantineColor } from '@mantine/core';
import type { JobState } from '@pawvault/contracts';
import { useTranslation } from 'react-i18next';

const COLORS: Record<JobState, MantineColor> = {
  queued: 'gray',
  running: 'indigo',
  completed: 'green',
  failed: 'red',
  cancelled: 'gray',
};

export const JobStateBadge = ({ state }: { state: JobState }) => {
  const { t } = useTranslation();
  return (
    <Badge color={COLORS[state]} variant="light">
      {t(`jobs.state.${state}`)}
    </Badge>
  );
};
