import { Stack, Table, Text, Title } from '@mantine/core';
import type { BackupDetail, ModuleStats } from '@pawvault/contracts';
import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import { useFormats } from '../widgets/formats';

const MODULES = ['global_config', 'skill_pool', 'secrets'] as const;

/** Modules and agents with their files and bytes. */
export const Contents = ({ backup }: { backup: BackupDetail }) => {
  const { t } = useTranslation();
  const formats = useFormats();
  const rows = rowsOf(backup, t);
  return (
    <Stack gap="xs" component="section">
      <Title order={2} size="h4">
        {t('details.contents')}
      </Title>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('details.name')}</Table.Th>
            <Table.Th visibleFrom="xs">{t('details.kind')}</Table.Th>
            <Table.Th ta="right">{t('details.files')}</Table.Th>
            <Table.Th ta="right">{t('details.bytes')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map(({ key, kind, name, stats }) => (
            <Table.Tr key={key}>
              <Table.Td className="any-break">{name}</Table.Td>
              <Table.Td visibleFrom="xs">
                <Text size="sm" c="dimmed">
                  {kind}
                </Text>
              </Table.Td>
              <Table.Td ta="right">{formats.count(stats?.files ?? 0)}</Table.Td>
              <Table.Td ta="right" style={{ whiteSpace: 'nowrap' }}>
                {formats.bytes(stats?.bytes ?? 0)}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Stack>
  );
};

interface Row {
  key: string;
  kind: string;
  name: string;
  stats: ModuleStats | undefined;
}

function rowsOf({ agents, modules, unknown }: BackupDetail, t: TFunction): Row[] {
  const ofAgents = Object.entries(agents).map(([id, stats]) => ({
    key: `agent:${id}`,
    kind: t('details.agent'),
    name: stats.name === id ? id : `${stats.name} (${id})`,
    stats,
  }));
  const ofModules = MODULES.filter((name) => modules[name] !== undefined).map((name) => ({
    key: name,
    kind: t('details.module'),
    name: t(`backups.modules.${name}`),
    stats: modules[name],
  }));
  const others = { key: 'unknown', kind: t('details.not_restored'), name: t('details.unknown') };
  return [...ofAgents, ...ofModules, ...(unknown === null ? [] : [{ ...others, stats: unknown }])];
}
