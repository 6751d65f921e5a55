import { Alert, Checkbox, Group, Stack, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { InstanceView } from '@pawvault/contracts';
import { useTranslation } from 'react-i18next';
import { useFormats } from '../widgets/formats';
import { presentBytes } from './restore-form';
import type { StepProps } from './restore-page';

/** First of all a way back. */
export const SafetyStep = ({ form, instance, onChange }: StepProps) => {
  const { t } = useTranslation();
  return (
    <Stack>
      <Text>{t('restore.safety.text')}</Text>
      <Checkbox.Card
        checked={form.backUpFirst}
        onChange={(backUpFirst) => onChange({ backUpFirst })}
        disabled={instance === null}
        p="md"
      >
        <Group wrap="nowrap" align="flex-start">
          <Checkbox.Indicator disabled={instance === null} />
          <div>
            <Text fw={500} size="sm">
              {t('restore.safety.label')}
            </Text>
            <Text size="sm" c="dimmed">
              {t('restore.safety.secrets')}
            </Text>
          </div>
        </Group>
      </Checkbox.Card>
      {instance !== null && form.backUpFirst && <Space instance={instance} />}
      {!form.backUpFirst && (
        <Alert
          color="red"
          variant="light"
          icon={<IconAlertTriangle aria-hidden />}
          title={t('restore.safety.declined')}
        >
          {t(instance === null ? 'restore.safety.impossible_text' : 'restore.safety.declined_text')}
        </Alert>
      )}
    </Stack>
  );
};

const Space = ({ instance }: { instance: InstanceView }) => {
  const { t } = useTranslation();
  const formats = useFormats();
  const bytes = presentBytes(instance);
  return (
    <>
      <Text size="sm" c="dimmed">
        {t('create.estimate', { bytes: formats.bytes(bytes) })}{' '}
        {t('create.free', { bytes: formats.bytes(instance.backup_dir_free_bytes) })}
      </Text>
      {bytes > instance.backup_dir_free_bytes && (
        <Alert color="yellow" role="status">
          {t('create.tight')}
        </Alert>
      )}
    </>
  );
};
