import { Code, Text } from '@mantine/core';
import { type BackupDetail, QWENPAW_VERSION_UNKNOWN } from '@pawvault/contracts';
import { useTranslation } from 'react-i18next';
import { ModuleBadges } from '../backups/module-badges';
import { StateBadges } from '../backups/state-badges';
import { FactList } from '../widgets/fact-list';
import { useFormats } from '../widgets/formats';

export const Overview = ({ backup }: { backup: BackupDetail }) => {
  const { t } = useTranslation();
  const formats = useFormats();
  const madeBy =
    backup.qwenpaw_version === QWENPAW_VERSION_UNKNOWN
      ? []
      : [t('details.made_by', { version: backup.qwenpaw_version })];
  const system = Object.entries(backup.system_info).map(([name, value]) => `${name}: ${textOf(value)}`);
  return (
    <FactList
      facts={[
        backup.description !== '' && [
          t('details.description'),
          <Text key="text" size="sm" style={{ whiteSpace: 'pre-wrap' }}>
            {backup.description}
          </Text>,
        ],
        [t('details.contents'), <ModuleBadges key="badges" backup={backup} />],
        [t('backups.columns.state'), <StateBadges key="badges" backup={backup} />],
        [
          t('details.verification.title'),
          backup.verified_at === null
            ? t('details.verification.never')
            : t('backups.verified_at', { at: formats.instant(backup.verified_at) }),
        ],
        [t('details.created'), formats.instant(backup.created_at)],
        [t('details.size'), formats.bytes(backup.size)],
        [t('details.system'), [...madeBy, ...system].join(' · ')],
        [t('details.file'), <Code key="file">{backup.file_name}</Code>],
        [t('details.id'), <Code key="id">{backup.id}</Code>],
        backup.duplicates.length > 0 && [t('details.duplicates'), backup.duplicates.join(', ')],
      ]}
    />
  );
};

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
