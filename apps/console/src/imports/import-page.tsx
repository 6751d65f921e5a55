import { Anchor, Badge, Group, Paper, Stack, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { useImports } from '../api/queries';
import { useFormats } from '../widgets/formats';
import { Page } from '../widgets/page';
import { isOpen } from './import-state';
import { UploadBox } from './upload-box';

/** Brings an archive here: chosen or dropped, uploaded, then checked. Below, what was uploaded before and still waits. */
export const ImportPage = () => {
  const { t } = useTranslation();
  return (
    <Page title={t('imports.title')} back={{ href: '/', label: t('backups.title') }} size="sm">
      <UploadBox />
      <OpenImports />
    </Page>
  );
};

/** Archives that wait for a decision or are still being worked on. */
export const OpenImports = () => {
  const { t } = useTranslation();
  const formats = useFormats();
  const { data } = useImports();
  const open = (data ?? []).filter(isOpen);
  if (open.length === 0) return null;
  return (
    <Stack gap="xs" component="section" aria-label={t('imports.open')}>
      <Title order={2} size="h4">
        {t('imports.open')}
      </Title>
      {open.map(({ id, state, file_name, meta, size, created_at }) => (
        <Paper key={id} withBorder p="sm">
          <Group justify="space-between" gap="xs">
            <Group gap="sm">
              <Anchor component={Link} href={`/imports/${id}`} fw={500} className="any-break">
                {meta?.name ?? file_name ?? id}
              </Anchor>
              <Badge variant="light" color={state === 'needs_decision' ? 'orange' : 'indigo'}>
                {t(`imports.state.${state}`)}
              </Badge>
            </Group>
            <Text size="sm" c="dimmed">
              {`${formats.bytes(size)} · ${formats.instant(created_at)}`}
            </Text>
          </Group>
        </Paper>
      ))}
    </Stack>
  );
};
