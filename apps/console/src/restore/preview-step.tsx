import { Alert, Box, Button, Center, Group, Loader, LoadingOverlay, Stack, Text, VisuallyHidden } from '@mantine/core';
import type { RestorePlan } from '@pawvault/contracts';
import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import { planRestore, startRestore } from '../api/actions';
import { problemOfThrown } from '../api/problem';
import { ThrownAlert } from '../widgets/problem-alert';
import { ConfirmDialog } from './confirm-dialog';
import { keepChoice } from './kept-choice';
import { PlanView } from './plan-view';
import { PreviewOptions } from './preview-options';
import { refusalOf, selectionOf, type StepProps, trustAskedBy, trustNeeded } from './restore-form';
import { SignatureCheck } from './signature-check';
import { TrustQuestion } from './trust-question';

/** Before a plan: what comes from elsewhere is restored only when somebody vouches for it. */
export const PreviewStep = (props: PreviewStepProps) => {
  const { t } = useTranslation();
  const { backup, form, onChange, onBack } = props;
  const asked = trustNeeded(backup);
  if (backup.trust === 'unchecked') {
    return (
      <Held onBack={onBack}>
        <SignatureCheck backupId={backup.id} />
      </Held>
    );
  }
  // The check of its signature may have shown that it is damaged.
  const refusal = refusalOf(form.mode, props);
  if (refusal !== null) {
    return (
      <Held onBack={onBack}>
        <Alert color="yellow" role="alert">
          {t(`restore.mode.${refusal}`)}
        </Alert>
      </Held>
    );
  }
  if (asked !== null && form.trust === null) {
    return (
      <Held onBack={onBack}>
        <TrustQuestion asked={asked} onTrust={() => onChange({ trust: asked })} />
      </Held>
    );
  }
  return <Preview {...props} />;
};

type PreviewStepProps = StepProps & { onBack: () => void };

/** What the restore would do, worked out by the worker that would do it; and the way into it. */
const Preview = ({ backup, instance, form, onChange, onBack }: PreviewStepProps) => {
  const { t } = useTranslation();
  const selection = selectionOf(form, { backup, instance });
  const plan = useQuery({
    queryKey: ['plan', backup.id, selection],
    queryFn: () => planRestore(backup.id, selection),
    // A plan is about this moment: whoever comes back to it sees a new one, but nobody's reading is interrupted.
    gcTime: 0,
    staleTime: Infinity,
    retry: false,
    // The former plan stays in sight, greyed out, while an option asks for another.
    placeholderData: keepPreviousData,
  });
  const options = <PreviewOptions backup={backup} form={form} onChange={onChange} />;
  if (plan.isFetching && (plan.data === undefined || plan.isError)) return <Computing />;
  if (plan.isError) {
    const asked = trustAskedBy(problemOfThrown(plan.error).code);
    return (
      <Held onBack={onBack}>
        {asked !== null && form.trust === null ? (
          <TrustQuestion asked={asked} onTrust={() => onChange({ trust: asked })} />
        ) : (
          <ThrownAlert error={plan.error} onRetry={() => void plan.refetch()} />
        )}
        {(form.clean || form.outwardLinks) && options}
      </Held>
    );
  }
  if (plan.data === undefined) return null;
  const confirmation = { ...selection, pre_restore_backup: form.backUpFirst, plan_hash: plan.data.plan_hash };
  return (
    <Stack gap="lg">
      <Outdated when={plan.isFetching}>
        <PlanView plan={plan.data} />
      </Outdated>
      {options}
      <Confirmation
        plan={plan.data}
        ready={!plan.isFetching}
        backUpFirst={form.backUpFirst}
        start={() => startRestore(backup.id, confirmation)}
        onStarted={(jobId) => keepChoice(jobId, form)}
        onRefresh={() => void plan.refetch()}
        onBack={onBack}
      />
      <Text size="xs" c="dimmed">
        {t('restore.preview.moment')}
      </Text>
    </Stack>
  );
};

/** What is being worked out anew, out of reach until it is there. */
const Outdated = ({ when, children }: { when: boolean; children: ReactNode }) => {
  const { t } = useTranslation();
  return (
    <Box pos="relative" inert={when} aria-busy={when}>
      <LoadingOverlay visible={when} overlayProps={{ backgroundOpacity: 0.7 }} />
      {when && <VisuallyHidden role="status">{t('restore.preview.computing')}</VisuallyHidden>}
      {children}
    </Box>
  );
};

const Computing = () => {
  const { t } = useTranslation();
  return (
    <Center py={48}>
      <Stack align="center" gap="xs">
        <Loader aria-hidden />
        <Text size="sm" c="dimmed" role="status">
          {t('restore.preview.computing')}
        </Text>
      </Stack>
    </Center>
  );
};

/** What has to be settled before there is a preview. */
const Held = ({ onBack, children }: { onBack: () => void; children: ReactNode }) => {
  const { t } = useTranslation();
  return (
    <Stack>
      {children}
      <Group>
        <Button variant="default" onClick={onBack}>
          {t('app.back')}
        </Button>
      </Group>
    </Stack>
  );
};

interface ConfirmationProps {
  plan: RestorePlan;
  /** Whether the plan is the one of what is chosen now. */
  ready: boolean;
  backUpFirst: boolean;
  start: () => ReturnType<typeof startRestore>;
  onStarted: (jobId: string) => void;
  onRefresh: () => void;
  onBack: () => void;
}

const Confirmation = ({ plan, ready, backUpFirst, start, onStarted, onRefresh, onBack }: ConfirmationProps) => {
  const { t } = useTranslation();
  const [, navigate] = useLocation();
  const [asking, setAsking] = useState(false);
  const restore = useMutation({
    mutationFn: start,
    onSuccess: ({ id }) => {
      onStarted(id);
      navigate(`/jobs/${encodeURIComponent(id)}`);
    },
  });
  return (
    <Group justify="space-between">
      <Group gap="xs">
        <Button variant="default" onClick={onBack}>
          {t('app.back')}
        </Button>
        <Button variant="subtle" onClick={onRefresh}>
          {t('restore.preview.refresh')}
        </Button>
      </Group>
      <Button color="red" disabled={!ready} onClick={() => setAsking(true)}>
        {t('restore.confirm.open')}
      </Button>
      <ConfirmDialog
        opened={asking}
        plan={plan}
        backUpFirst={backUpFirst}
        pending={restore.isPending || restore.isSuccess}
        error={restore.error}
        onConfirm={restore.mutate}
        onClose={() => setAsking(false)}
      />
    </Group>
  );
};
