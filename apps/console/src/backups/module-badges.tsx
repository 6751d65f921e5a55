import { Badge, Group } from '@mantine/core';
import { type BackupSummary, MODULES } from '@pawvault/contracts';
import { useTranslation } from 'react-i18next';

/** Full, or partial with what is in it. */
export const ModuleBadges = ({ backup }: { backup: Pick<BackupSummary, 'kind' | 'scope'> }) => {
  const { t } = useTranslation();
  if (backup.kind === 'full') return <Badge variant="light">{t('backups.kind.full')}</Badge>;
  const included = MODULES.filter((name) => backup.scope[`include_${name}`]);
  return (
    <Group gap={4}>
      <Badge variant="light" color="gray">
        {t('backups.kind.partial')}
      </Badge>
      {included.map((name) => (
        <Badge key={name} variant="default">
          {t(`backups.modules.${name}`)}
        </Badge>
      ))}
    </Group>
  );
};
