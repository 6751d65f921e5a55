import { Anchor, Box, Group, Paper, Stack, Text } from '@mantine/core';
import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { useFormats } from '../widgets/formats';
import { BackupActions } from './backup-actions';
import type { RowProps, ViewProps } from './list-view';
import { ModuleBadges } from './module-badges';
import { StateBadges } from './state-badges';
import { Tick } from './tick';

/** The same as the table, one below the other, for narrow screens. */
export const BackupCards = ({ visible, selection, onRename, onDelete }: ViewProps) => (
  <Box role="list" pt={visible.before} pb={visible.after}>
    {visible.rows.map(({ backup, index }) => (
      <Card
        key={backup.id}
        backup={backup}
        index={index}
        measure={visible.measure}
        selection={selection}
        onRename={onRename}
        onDelete={onDelete}
      />
    ))}
  </Box>
);

/** Not drawn again while it scrolls by. */
const Card = memo(({ backup, index, measure, selection, onRename, onDelete }: RowProps) => {
  const { t } = useTranslation();
  const formats = useFormats();
  const facts = [
    formats.instant(backup.created_at),
    formats.bytes(backup.size),
    t('backups.agents', { count: backup.agent_count }),
  ];
  return (
    <Box role="listitem" ref={measure} data-index={index} pb="xs">
      <Paper withBorder p="sm">
        <Group wrap="nowrap" align="flex-start" gap="sm">
          {selection && (
            <Box mt={4}>
              <Tick selection={selection} backup={backup} />
            </Box>
          )}
          <Stack gap={6} flex={1} miw={0}>
            <Anchor component={Link} href={`/backups/${encodeURIComponent(backup.id)}`} fw={500} className="any-break">
              {backup.name}
            </Anchor>
            <Text size="xs" c="dimmed">
              {facts.join(' · ')}
            </Text>
            <ModuleBadges backup={backup} />
            <StateBadges backup={backup} />
          </Stack>
          <BackupActions backup={backup} onRename={onRename} onDelete={onDelete} />
        </Group>
      </Paper>
    </Box>
  );
});
Card.displayName = 'Card';
