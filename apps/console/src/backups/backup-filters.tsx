import { CloseButton, Group, SegmentedControl, Select, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
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
      <TextInput
        type="search"
        aria-label={t('backups.search')}
        placeholder={t('backups.search_hint')}
        leftSection={<IconSearch size={16} aria-hidden />}
        rightSection={
          filter.q !== '' && (
            <CloseButton
              size="sm"
              aria-label={t('backups.clear_search')}
              onClick={() => onChange({ ...filter, q: '' })}
            />
          )
        }
        maxLength={QUERY_MAX}
        value={filter.q}
        onChange={(event) => onChange({ ...filter, q: event.currentTarget.value })}
        flex={1}
        miw={200}
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
