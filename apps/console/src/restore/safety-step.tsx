import { Alert, Checkbox, Stack, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { OptionText } from '../widgets/option-text';
import { SpaceNote } from '../widgets/space-note';
import { presentBytes, type StepProps } from './restore-form';

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
        <OptionText
          indicator={<Checkbox.Indicator disabled={instance === null} />}
          label={t('restore.safety.label')}
          text={t('restore.safety.secrets')}
        />
      </Checkbox.Card>
      {instance !== null && form.backUpFirst && <SpaceNote bytes={presentBytes(instance)} instance={instance} />}
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
