import { Alert, Checkbox, Group, Stack, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { useFormats } from '../widgets/formats';
import type { StepProps } from './restore-page';

/** First of all a way back. */
export const SafetyStep = ({ form, instance, onChange }: StepProps) => {
  const { t } = useTranslation();
  const formats = useFormats();
  return (
    <Stack>
      <Text>{t('restore.safety.text')}</Text>
      <Checkbox.Card checked={form.backUpFirst} onChange={(backUpFirst) => onChange({ backUpFirst })} p="md">
        <Group wrap="nowrap" align="flex-start">
          <Checkbox.Indicator />
          <div>
            <Text fw={500} size="sm">
              {t('restore.safety.label')}
            </Text>
            <Text size="sm" c="dimmed">
              {t('restore.safety.secrets')} {t('create.free', { bytes: formats.bytes(instance.backup_dir_free_bytes) })}
            </Text>
          </div>
        </Group>
      </Checkbox.Card>
      {!form.backUpFirst && (
        <Alert
          color="red"
          variant="light"
          icon={<IconAlertTriangle aria-hidden />}
          title={t('restore.safety.declined')}
        >
          {t('restore.safety.declined_text')}
        </Alert>
      )}
    </Stack>
  );
};
