import { Alert, Code, List, Stack, Table, Text, Title } from '@mantine/core';
import type { BackupDetail } from '@pawvault/contracts';
import { useTranslation } from 'react-i18next';
import { useFormats } from '../widgets/formats';
import { visibleName } from '../widgets/visible-name';

/** What the backup does not hold: what could not be saved, and what rules left out. An archive without a manifest cannot tell. */
export const LeftOut = ({ backup: { omissions, exclusions } }: { backup: BackupDetail }) => {
  const { t } = useTranslation();
  return (
    <Stack gap="sm" component="section">
      <Title order={2} size="h4">
        {t('details.not_included')}
      </Title>
      {omissions === null ? (
        <Text size="sm">{t('details.no_manifest')}</Text>
      ) : (
        <>
          <Omissions omissions={omissions} />
          <Exclusions exclusions={exclusions ?? []} />
        </>
      )}
    </Stack>
  );
};

const Omissions = ({ omissions }: { omissions: NonNullable<BackupDetail['omissions']> }) => {
  const { t } = useTranslation();
  if (omissions.length === 0) return <Text size="sm">{t('details.omissions.none')}</Text>;
  return (
    <Alert color="yellow" variant="light" title={t('details.omissions.title')}>
      <List size="sm">
        {omissions.map(({ path, reason }) => (
          <List.Item key={path} className="any-break">
            <Code>{visibleName(path)}</Code> {t(`details.omission.${reason}`)}
          </List.Item>
        ))}
      </List>
    </Alert>
  );
};

const Exclusions = ({ exclusions }: { exclusions: NonNullable<BackupDetail['exclusions']> }) => {
  const { t } = useTranslation();
  const formats = useFormats();
  if (exclusions.length === 0) return <Text size="sm">{t('details.exclusions.none')}</Text>;
  return (
    <Stack gap={4}>
      <Text size="sm">{t('details.exclusions.text')}</Text>
      <Table maw={520}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('details.exclusions.rule')}</Table.Th>
            <Table.Th ta="right">{t('details.files')}</Table.Th>
            <Table.Th ta="right">{t('details.bytes')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {exclusions.map(({ rule, files, bytes }) => (
            <Table.Tr key={rule}>
              <Table.Td>
                <Code className="any-break">{rule}</Code>
              </Table.Td>
              <Table.Td ta="right">{formats.count(files)}</Table.Td>
              <Table.Td ta="right">{formats.bytes(bytes)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Stack>
  );
};
