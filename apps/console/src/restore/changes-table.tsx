import { Badge, Button, Stack, Table, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormats } from '../widgets/formats';
import { ScrollBox } from '../widgets/scroll-box';
import type { PlanRow, PlanRows } from './plan-rows';

/** So many rows are seen at a glance, and nothing has to be folded. */
const AT_A_GLANCE = 8;
const FIGURES = ['added', 'changed', 'removed', 'unchanged'] as const;
const ACTION_COLORS = { replace: 'indigo', add: 'green', skip: 'gray' } as const;

/** Every agent and module with what changes in it; what is the same already waits behind a button where there is much of it. */
export const ChangesTable = ({ differing, same }: Pick<PlanRows, 'differing' | 'same'>) => {
  const { t } = useTranslation();
  const [unfolded, setUnfolded] = useState(differing.length + same.length <= AT_A_GLANCE);
  const rows = unfolded ? [...differing, ...same] : differing;
  return (
    <Stack gap="xs" align="flex-start">
      {rows.length > 0 && (
        <ScrollBox label={t('restore.preview.title')} maxHeight={520}>
          <Table stickyHeader>
            <Head />
            <Table.Tbody>
              {rows.map((row) => (
                <Row key={row.key} row={row} />
              ))}
            </Table.Tbody>
          </Table>
        </ScrollBox>
      )}
      {same.length > 0 && !unfolded && (
        <Button variant="default" size="xs" onClick={() => setUnfolded(true)}>
          {t('restore.preview.show_same', { count: same.length })}
        </Button>
      )}
    </Stack>
  );
};

const Head = () => {
  const { t } = useTranslation();
  return (
    <Table.Thead>
      <Table.Tr>
        <Table.Th>{t('restore.preview.what')}</Table.Th>
        {FIGURES.map((figure) => (
          <Table.Th key={figure} ta="right" visibleFrom="sm">
            {t(`restore.preview.${figure}`)}
          </Table.Th>
        ))}
        <Table.Th ta="right" visibleFrom="sm">
          {t('details.bytes')}
        </Table.Th>
      </Table.Tr>
    </Table.Thead>
  );
};

/** Figures stand in columns, or below the name where there is no room for columns. */
const Row = ({ row: { name, module, action, destination, changes } }: { row: PlanRow }) => {
  const { t } = useTranslation();
  const formats = useFormats();
  const told = FIGURES.filter((figure) => changes[figure] > 0).map(
    (figure) => `${t(`restore.preview.${figure}`)} ${formats.count(changes[figure])}`,
  );
  return (
    <Table.Tr>
      <Table.Td>
        <Text size="sm" fw={500} component="span" className="any-break">
          {module === null ? name : t(`create.modules.${module}`)}
        </Text>{' '}
        <Badge size="sm" variant="light" color={ACTION_COLORS[action]}>
          {t(`restore.action.${action}`)}
        </Badge>
        <Text size="xs" c="dimmed" className="any-break">
          {action === 'skip' ? t('restore.preview.skipped') : destination}
        </Text>
        <Text size="xs" hiddenFrom="sm">
          {[...told, formats.bytes(changes.bytes)].join(' · ')}
        </Text>
      </Table.Td>
      {FIGURES.map((figure) => (
        <Table.Td key={figure} ta="right" visibleFrom="sm" {...(changes[figure] === 0 && { c: 'dimmed' })}>
          {formats.count(changes[figure])}
        </Table.Td>
      ))}
      <Table.Td ta="right" visibleFrom="sm" style={{ whiteSpace: 'nowrap' }}>
        {formats.bytes(changes.bytes)}
      </Table.Td>
    </Table.Tr>
  );
};
