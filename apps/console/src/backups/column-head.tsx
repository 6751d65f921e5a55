import { Group, Table, UnstyledButton } from '@mantine/core';
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { BackupSort } from '../api/queries';
import type { backups } from '../i18n/en/backups';

export type Column = Exclude<keyof typeof backups.columns, 'actions'>;

/** What each column sorts by, first what one wants to see first: the newest, the largest, A to Z. */
const SORTS: Partial<Record<Column, readonly [first: BackupSort, second: BackupSort]>> = {
  name: ['name', '-name'],
  size: ['-size', 'size'],
  created: ['-created_at', 'created_at'],
};

interface ColumnHeadProps {
  column: Column;
  sort: BackupSort;
  onSort: (sort: BackupSort) => void;
}

/** The head of a column; a click sorts by it, another one the other way round. */
export const ColumnHead = ({ column, sort, onSort }: ColumnHeadProps) => {
  const { t } = useTranslation();
  const label = t(`backups.columns.${column}`);
  const sorts = SORTS[column];
  if (sorts === undefined) return <Table.Th>{label}</Table.Th>;
  const [first, second] = sorts;
  if (!sorts.includes(sort)) {
    return (
      <Table.Th>
        <UnstyledButton fz="inherit" fw="inherit" onClick={() => onSort(first)}>
          {label}
        </UnstyledButton>
      </Table.Th>
    );
  }
  const descending = sort.startsWith('-');
  const Arrow = descending ? IconArrowDown : IconArrowUp;
  return (
    <Table.Th aria-sort={descending ? 'descending' : 'ascending'}>
      <UnstyledButton fz="inherit" fw="inherit" onClick={() => onSort(sort === first ? second : first)}>
        <Group gap={4} wrap="nowrap">
          {label}
          <Arrow size={14} aria-hidden />
        </Group>
      </UnstyledButton>
    </Table.Th>
  );
};
