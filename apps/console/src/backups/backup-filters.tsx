import { CloseButton, Group, SegmentedControl, Select } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { SearchField } from '../widgets/search-field';
import type { BackupFilter, BackupSort } from '../api/queries';

const ORDERS = {
  '-created_at': 'newest',
  created_at: 'oldest',
  name: 'name',
  '-name': 'name_reversed',
  '-size': 'largest',
  size: 'smallest',
} as const satisfies Record<BackupSort, string>;
const KINDS = ['all', 'full', 'partial'] as const;
/** The longest that the API takes. */
const QUERY_MAX = 200;

interface BackupFiltersProps {
  filter: BackupFilter;
  onChange: (filter: BackupFilter) => void;
}

export const BackupFilters = ({ filter, onChange }: BackupFiltersProps) => {
  const { t } = useTranslation();
  return (
    <Group gap="sm">
      <SearchField
        label={t('backups.search')}
        hint={t('backups.search_hint')}
        value={filter.q}
        onChange={(q) => onChange({ ...filter, q })}
        maxLength={QUERY_MAX}
        minWidth={260}
        rightSection={
          filter.q !== '' && (
            <CloseButton
              size="sm"
              aria-label={t('backups.clear_search')}
              onClick={() => onChange({ ...filter, q: '' })}
            />
          )
        }
      />
      <SegmentedControl
        aria-label={t('backups.kind.label')}
        data={KINDS.map((value) => ({ value, label: t(`backups.kind.${value}`) }))}
        value={filter.kind ?? 'all'}
        onChange={(value) => onChange({ ...filter, kind: value === 'all' ? null : value })}
      />
      <Select
        aria-label={t('backups.sort')}
        data={Object.entries(ORDERS).map(([value, name]) => ({ value, label: t(`backups.order.${name}`) }))}
        value={filter.sort}
        onChange={(sort) => onChange({ ...filter, sort: (sort ?? '-created_at') as BackupSort })}
        allowDeselect={false}
        w={170}
      />
    </Group>
  );
};
