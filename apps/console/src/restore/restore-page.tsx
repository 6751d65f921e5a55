import { Alert, Button, Group, Stack, Stepper } from '@mantine/core';
import { IconAlertTriangle, IconArrowBackUp } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'wouter';
import { problemOfThrown } from '../api/problem';
import { useBackup, useInstance, useSession } from '../api/queries';
import { Answered } from '../widgets/answered';
import { Page } from '../widgets/page';
import { ChoiceStep } from './choice-step';
import { choiceOf } from './kept-choice';
import { PreviewStep } from './preview-step';
import { initialForm, obstacle, type RestoreForm, type Situation } from './restore-form';
import { SafetyStep } from './safety-step';
import { StepContent } from './step-content';

/** From a backup to a running restore: a way back, what to take, a look at what will happen, and a second confirmation. */
export const RestorePage = ({ id }: { id: string }) => {
  const { t } = useTranslation();
  const backup = useBackup(id);
  const instance = useInstance();
  const session = useSession();
  const name = backup.data?.name;
  // The day on which config.json is broken is the day on which a full restore is needed.
  const unreadable = instance.isError && problemOfThrown(instance.error).code === 'INSTANCE_CONFIG_INVALID';
  return (
    <Page
      title={name === undefined ? t('restore.title') : t('restore.title_of', { name })}
      back={{ href: `/backups/${encodeURIComponent(id)}`, label: name ?? t('details.title') }}
    >
      <Answered query={backup}>
        {(found) => (
          <Answered query={session}>
            {({ role }) =>
              unreadable && found.kind === 'full' ? (
                <Steps backup={found} instance={null} role={role} />
              ) : (
                <Answered query={instance}>
                  {(present) => <Steps backup={found} instance={present} role={role} />}
                </Answered>
              )
            }
          </Answered>
        )}
      </Answered>
    </Page>
  );
};

const PREVIEW = 2;

const Steps = (situation: Situation) => {
  const { t } = useTranslation();
  const again = choiceOf(useSearchParams()[0].get('after'));
  const [form, setForm] = useState(() => again ?? initialForm(situation));
  const [step, setStep] = useState(again === null ? 0 : PREVIEW);
  const [moved, setMoved] = useState(false);
  const go = (to: number): void => {
    setStep(to);
    setMoved(true);
  };
  const held = obstacle(form, situation) !== null;
  const props = { ...situation, form, onChange: (part: Partial<RestoreForm>) => setForm({ ...form, ...part }) };
  const steps = [
    { name: 'safety', content: <SafetyStep {...props} /> },
    { name: 'choice', content: <ChoiceStep {...props} /> },
    { name: 'preview', content: <PreviewStep {...props} onBack={() => go(PREVIEW - 1)} /> },
  ] as const;
  return (
    <Stack gap="lg">
      <Notices {...props} />
      <Stepper active={step} onStepClick={go} size="xs" wrap={false}>
        {steps.map(({ name, content }, index) => (
          <Stepper.Step
            key={name}
            label={t(`restore.steps.${name}`)}
            disabled={index === PREVIEW && held}
            {...(index === step && { 'aria-current': 'step' })}
          >
            <StepContent key={name} label={t(`restore.steps.${name}`)} focused={moved}>
              {content}
            </StepContent>
          </Stepper.Step>
        ))}
      </Stepper>
      {step < PREVIEW && (
        <Group justify="space-between">
          <Button variant="default" disabled={step === 0} onClick={() => go(step - 1)}>
            {t('app.back')}
          </Button>
          <Button disabled={step === 1 && held} onClick={() => go(step + 1)}>
            {t('app.next')}
          </Button>
        </Group>
      )}
    </Stack>
  );
};

/** What is to be known through all steps. */
const Notices = ({ backup, instance }: Situation) => {
  const { t } = useTranslation();
  const undo = useSearchParams()[0].has('undo');
  return (
    <>
      {undo && (
        <Alert color="indigo" variant="light" icon={<IconArrowBackUp aria-hidden />} title={t('restore.undo.title')}>
          {t('restore.undo.text')}
        </Alert>
      )}
      {backup.verified === 'damaged' && (
        <Alert color="red" variant="light" icon={<IconAlertTriangle aria-hidden />} title={t('restore.damaged.title')}>
          {t('restore.damaged.text')}
        </Alert>
      )}
      {instance === null && (
        <Alert
          color="yellow"
          variant="light"
          icon={<IconAlertTriangle aria-hidden />}
          title={t('restore.unreadable.title')}
        >
          {t('restore.unreadable.text')}
        </Alert>
      )}
    </>
  );
};
