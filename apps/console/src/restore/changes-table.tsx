import { Anchor, Badge, Button, Group, Stack, Table, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormats } from '../widgets/formats';
import { ScrollBox } from '../widgets/scroll-box';
import classes from './changes-table.module.css';
import type { PathsOpening } from './path-list';
import { CHANGES_IN_ORDER } from './path-source';
import type { PlanRow, PlanRows } from './plan-rows';

/** So many rows are seen at a glance, and nothing has to be folded. */
const AT_A_GLANCE = 8;
const FIGURES = [...CHANGES_IN_ORDER, 'unchanged'] as const;
const ACTION_COLORS = { replace: 'indigo', add: 'green', skip: 'gray' } as const;

type Open = (opening: PathsOpening) => void;
type ChangesTableProps = Pick<PlanRows, 'differing' | 'same'> & { onOpen: Open };

/** Every agent and module with what changes in it; what is the same already waits behind a button where there is much of it. */
export const ChangesTable = ({ differing, same, onOpen }: ChangesTableProps) => {
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
                <Row key={row.key} row={row} onOpen={onOpen} />
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
const Row = ({ row, onOpen }: { row: PlanRow; onOpen: Open }) => {
  const { t } = useTranslation();
  const formats = useFormats();
  const { module, action, destination, changes } = row;
  const name = module === null ? (row.name ?? '') : t(`create.modules.${module}`);
  const opener = (figure: Figure) =>
    figure !== 'unchanged' && changes[figure] > 0
      ? () => onOpen({ part: row.part, name, change: figure, counts: changes })
      : null;
  return (
    <Table.Tr>
      <Table.Td>
        <Text size="sm" fw={500} component="span" className="any-break">
          {name}
        </Text>{' '}
        <Badge size="sm" variant="light" color={ACTION_COLORS[action]}>
          {t(`restore.action.${action}`)}
        </Badge>
        <Text size="xs" c="dimmed" className="any-break">
          {action === 'skip' ? t('restore.preview.skipped') : destination}
        </Text>
        <Group hiddenFrom="sm" className={classes.figures ?? ''}>
          {FIGURES.filter((figure) => changes[figure] > 0).map((figure) => (
            <Count key={figure} name={name} figure={figure} count={changes[figure]} onOpen={opener(figure)} worded />
          ))}
          <Text size="xs">{formats.bytes(changes.bytes)}</Text>
        </Group>
      </Table.Td>
      {FIGURES.map((figure) => (
        <Table.Td key={figure} ta="right" visibleFrom="sm" {...(changes[figure] === 0 && { c: 'dimmed' })}>
          <Count name={name} figure={figure} count={changes[figure]} onOpen={opener(figure)} />
        </Table.Td>
      ))}
      <Table.Td ta="right" visibleFrom="sm" style={{ whiteSpace: 'nowrap' }}>
        {formats.bytes(changes.bytes)}
      </Table.Td>
    </Table.Tr>
  );
};

type Figure = (typeof FIGURES)[number];

interface CountProps {
  name: string;
  figure: Figure;
  count: number;
  /** null: there are no paths to show. */
  onOpen: (() => void) | null;
  /** Says what it counts, where no column head does. */
  worded?: true;
}

const Count = ({ name, figure, count, onOpen, worded }: CountProps) => {
  const { t } = useTranslation();
  const formats = useFormats();
  const counted = formats.count(count);
  const what = t(`restore.preview.${figure}`);
  const text = worded ? `${what} ${counted}` : counted;
  const size = worded ? 'xs' : 'sm';
  if (onOpen === null)
    return (
      <Text span size={size} c="inherit">
        {text}
      </Text>
    );
  const label = t('restore.paths.open', { what, count: counted, name });
  return (
    <Anchor
      component="button"
      type="button"
      size={size}
      onClick={onOpen}
      aria-label={label}
      {...(figure === 'removed' && { c: 'var(--mantine-color-error)', fw: 600 })}
    >
      {text}
    </Anchor>
  );
};
