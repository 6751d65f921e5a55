import { Code } from '@mantine/core';
import { backupKind, type ImportView } from '@pawvault/contracts';
import { useTranslation } from 'react-i18next';
import { ModuleBadges } from '../backups/module-badges';
import { FactList } from '../widgets/fact-list';
import { useFormats } from '../widgets/formats';

/** What the archive says of itself, as far as it could be read. */
export const AboutArchive = ({ view: { meta, file_name, size } }: { view: ImportView }) => {
  const { t } = useTranslation();
  const formats = useFormats();
  return (
    <FactList
      facts={[
        file_name !== null && [t('details.file'), <Code key="file">{file_name}</Code>],
        [t('details.size'), formats.bytes(size)],
        ...(meta === null
          ? []
          : ([
              [t('details.created'), formats.instant(meta.created_at)],
              [
                t('details.contents'),
                <ModuleBadges key="badges" backup={{ scope: meta.scope, kind: backupKind(meta.scope) }} />,
              ],
              [t('backups.columns.agents'), formats.count(meta.agent_count)],
              [t('details.system'), t('details.made_by', { version: meta.qwenpaw_version })],
              [t('details.id'), <Code key="id">{meta.id}</Code>],
            ] as const)),
      ]}
    />
  );
};
