import { Anchor, Group, Paper, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { archiveUpload } from './archive-upload';
import { useArchiveUpload } from './use-archive-upload';

/** An upload that goes on while its reader looks at something else. When it ends, the archive is among those that are checked. */
export const UploadUnderWay = () => {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const state = useArchiveUpload();
  useEffect(() => {
    if (state.phase !== 'done') return;
    archiveUpload.clear();
    for (const key of ['imports', 'jobs']) void queries.invalidateQueries({ queryKey: [key] });
  }, [state, queries]);
  if (state.phase === 'idle' || state.phase === 'done') return null;
  const percent = 'sent' in state ? Math.floor((state.sent / state.total) * 100) : null;
  return (
    <Paper withBorder p="sm">
      <Group justify="space-between" gap="xs">
        <Anchor component={Link} href="/import" fw={500} className="any-break">
          {t('imports.upload.progress_of', { name: state.name })}
        </Anchor>
        <Text size="sm" c="dimmed">
          {percent === null ? t('imports.upload.failed') : `${percent} %`}
        </Text>
      </Group>
    </Paper>
  );
};
