import { Checkbox } from '@mantine/core';
import type { BackupSummary } from '@pawvault/contracts';
import { useTranslation } from 'react-i18next';
import type { Selection } from './selection';

/** Selects one backup. */
export const Tick = ({ selection, backup }: { selection: Selection; backup: BackupSummary }) => {
  const { t } = useTranslation();
  return (
    <Checkbox
      aria-label={t('backups.select', { name: backup.name })}
      checked={selection.ids.has(backup.id)}
      onChange={() => selection.toggle(backup.id)}
    />
  );
};
