import { Button, Group, Paper, Text } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Selection } from './selection';

/** What can be done with all that is ticked; stays in sight while the list is scrolled. */
export const SelectionBar = ({ selection, onDelete }: { selection: Selection; onDelete: () => void }) => {
  const { t } = useTranslation();
  const count = selection.ids.size;
  if (count === 0) return null;
  return (
    <Paper withBorder p="xs" shadow="sm" pos="sticky" top={64} style={{ zIndex: 10 }}>
      <Group justify="space-between">
        <Text size="sm" fw={500} role="status">
          {t('backups.selected', { count })}
        </Text>
        <Group gap="xs">
          <Button variant="default" size="xs" onClick={selection.clear}>
            {t('backups.clear_selection')}
          </Button>
          <Button color="red" size="xs" leftSection={<IconTrash size={14} aria-hidden />} onClick={onDelete}>
            {t('backups.actions.delete')}
          </Button>
        </Group>
      </Group>
    </Paper>
  );
};
