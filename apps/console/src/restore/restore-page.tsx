import { Alert, Button, Group, Stack, Stepper } from '@mantine/core';
import { IconArrowBackUp } from '@tabler/icons-react';
import type { BackupDetail, InstanceView } from '@pawvault/contracts';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'wouter';
import { useBackup, useInstance } from '../api/queries';
import { Answered } from '../widgets/answered';
import { Page } from '../widgets/page';
import { ChoiceStep } from './choice-step';
import { PreviewStep } from './preview-step';
import { initialForm, obstacle, type RestoreForm } from './restore-form';
import { SafetyStep } from './safety-step';

/** From a backup to a running restore: a way back, what to take, a look at what will happen, and a second confirmation. */
export const RestorePage = ({ id }: { id: string }) => {
  const { t } = useTranslation();
  const backup = useBackup(id);
  const instance = useInstance();
  const name = backup.data?.name;
  return (
    <Page
      title={name === undefined ? t('restore.title') : t('restore.title_of', { name })}
      back={{ href: `/backups/${encodeURIComponent(id)}`, label: name ?? t('details.title') }}
    >
      <Answered query={backup}>
        {(found) => <Answered query={instance}>{(present) => <Steps backup={found} instance={present} />}</Answered>}
      </Answered>
    </Page>
  );
};

export interface StepProps {
  backup: BackupDetail;
  instance: InstanceView;
  form: RestoreForm;
  onChange: (part: Partial<RestoreForm>) => void;
}

const PREVIEW = 2;

const Steps = ({ backup, instance }: Pick<StepProps, 'backup' | 'instance'>) => {
  const { t } = useTranslation();
  const undo = useSearchParams()[0].has('undo');
  const [form, setForm] = useState(() => initialForm(backup));
  const [step, setStep] = useState(0);
  const held = obstacle(form) !== null;
  const props = { backup, instance, form, onChange: (part: Partial<RestoreForm>) => setForm({ ...form, ...part }) };
  return (
    <Stack gap="lg">
      {undo && (
        <Alert color="indigo" variant="light" icon={<IconArrowBackUp aria-hidden />} title={t('restore.undo.title')}>
          {t('restore.undo.text')}
        </Alert>
      )}
      <Stepper active={step} onStepClick={setStep} size="xs" wrap={false}>
        <Stepper.Step label={t('restore.steps.safety')}>
          <SafetyStep {...props} />
        </Stepper.Step>
        <Stepper.Step label={t('restore.steps.choice')}>
          <ChoiceStep {...props} />
        </Stepper.Step>
        <Stepper.Step label={t('restore.steps.preview')} disabled={held}>
          <PreviewStep {...props} onBack={() => setStep(step - 1)} />
        </Stepper.Step>
      </Stepper>
      {step < PREVIEW && (
        <Group justify="space-between">
          <Button variant="default" disabled={step === 0} onClick={() => setStep(step - 1)}>
            {t('app.back')}
          </Button>
          <Button disabled={step === 1 && held} onClick={() => setStep(step + 1)}>
            {t('app.next')}
          </Button>
        </Group>
      )}
    </Stack>
  );
};
