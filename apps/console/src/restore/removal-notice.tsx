import { Alert, Button, Stack, Text } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';

/** What is lost comes first, before everything that is brought. */
export const RemovalNotice = ({ count, onOpen }: { count: number; onOpen: () => void }) => {
  const { t } = useTranslation();
  if (count === 0) return null;
  return (
    <Alert
      color="orange"
      variant="light"
      icon={<IconTrash aria-hidden />}
      title={t('restore.removal.title', { count })}
    >
      <Stack gap="xs" align="flex-start">
        <Text size="sm">{t('restore.removal.text', { count })}</Text>
        <Button size="xs" variant="default" onClick={onOpen}>
          {t('restore.removal.show', { count })}
        </Button>
      </Stack>
    </Alert>
  );
};
