import { Button } from '@mantine/core';
import type { JobView } from '@pawvault/contracts';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { useMay } from '../widgets/allowed';

/** The way back to the preview, from a restore that has changed nothing. */
export const RestoreAgain = ({ job: { id, type, state, backup_id: backup } }: { job: JobView }) => {
  const { t } = useTranslation();
  const may = useMay('operator');
  if (!may || type !== 'backup.restore' || backup === null || (state !== 'failed' && state !== 'cancelled'))
    return null;
  const address = `/backups/${encodeURIComponent(backup)}/restore?${new URLSearchParams({ after: id })}`;
  return (
    <Button component={Link} href={address} variant="default" w="fit-content">
      {t('restore.failed.again')}
    </Button>
  );
};
