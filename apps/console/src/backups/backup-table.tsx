import { Anchor, Checkbox, Group, Table, Text } from '@mantine/core';
import type { BackupSummary } from '@pawvault/contracts';
import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { useFormats } from '../widgets/formats';
import { ColumnHead } from './column-head';
import { BackupActions } from './backup-actions';
import type { RowProps, ViewProps } from './list-view';
import { ModuleBadges } from './module-badges';
import type { Selection } from './selection';
import { StateBadges } from './state-badges';
import { Tick } from './tick';

const COLUMNS = ['name', 'contents', 'agents', 'size', 'created', 'state'] as const;

export const BackupTable = ({ visible, all, sort, onSort, ...rest }: ViewProps) => {
  const { t } = useTranslation();
  return (
    <Table verticalSpacing="xs" highlightOnHover aria-rowcount={all.length + 1}>
      <Table.Thead>
        <Table.Tr>
          {rest.selection && (
            <Table.Th w={40}>
              <TickAll selection={rest.selection} all={all} />
            </Table.Th>
          )}
          {COLUMNS.map((column) => (
            <ColumnHead key={column} column={column} sort={sort} onSort={onSort} />
          ))}
          <Table.Th w={48} aria-label={t('backups.columns.actions')} />
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        <Room height={visible.before} />
        {visible.rows.map(({ backup, index }) => (
          <Row key={backup.id} backup={backup} index={index} measure={visible.measure} {...rest} />
        ))}
        <Room height={visible.after} />
      </Table.Tbody>
    </Table>
  );
};

const TickAll = ({ selection: { ids, toggleAll }, all }: { selection: Selection } & Pick<ViewProps, 'all'>) => {
  const { t } = useTranslation();
  return (
    <Checkbox
      aria-label={t('backups.select_all')}
      checked={ids.size > 0 && ids.size === all.length}
      indeterminate={ids.size > 0 && ids.size < all.length}
      onChange={() => toggleAll(all.map(({ id }) => id))}
    />
  );
};

/** Stands for the rows that are out of sight. */
const Room = ({ height }: { height: number }) =>
  height > 0 && (
    <tr aria-hidden>
      <td colSpan={COLUMNS.length + 2} style={{ height, padding: 0 }} />
    </tr>
  );

/** Not drawn again while it scrolls by. */
const Row = memo(({ backup, index, measure, selection, onRename, onDelete }: RowProps) => {
  const formats = useFormats();
  const ticked = selection?.ids.has(backup.id) === true;
  return (
    <Table.Tr
      ref={measure}
      data-index={index}
      aria-rowindex={index + 2}
      {...(ticked && { bg: 'var(--mantine-primary-color-light)' })}
    >
      {selection && (
        <Table.Td>
          <Tick selection={selection} backup={backup} />
        </Table.Td>
      )}
      <Table.Td maw={360}>
        <Name backup={backup} />
      </Table.Td>
      <Table.Td>
        <ModuleBadges backup={backup} />
      </Table.Td>
      <Table.Td>{formats.count(backup.agent_count)}</Table.Td>
      <Table.Td style={{ whiteSpace: 'nowrap' }}>{formats.bytes(backup.size)}</Table.Td>
      <Table.Td style={{ whiteSpace: 'nowrap' }}>{formats.instant(backup.created_at)}</Table.Td>
      <Table.Td>
        <StateBadges backup={backup} />
      </Table.Td>
      <Table.Td>
        <Group justify="flex-end">
          <BackupActions backup={backup} onRename={onRename} onDelete={onDelete} />
        </Group>
      </Table.Td>
    </Table.Tr>
  );
});
Row.displayName = 'Row';

const Name = ({ backup }: { backup: BackupSummary }) => (
  <>
    <Anchor
      component={Link}
      href={`/backups/${encodeURIComponent(backup.id)}`}
      fw={500}
      className="any-break"
      lineClamp={2}
    >
      {backup.name}
    </Anchor>
    {backup.description !== '' && (
      <Text size="xs" c="dimmed" truncate>
        {backup.description}
      </Text>
    )}
  </>
);
