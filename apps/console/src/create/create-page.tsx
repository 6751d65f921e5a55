import { Alert, Button, Group, Radio, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { InstanceView } from '@pawvault/contracts';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import { createBackup } from '../api/actions';
import { useInstance } from '../api/queries';
import { Answered } from '../widgets/answered';
import { OptionText } from '../widgets/option-text';
import { Page } from '../widgets/page';
import { ThrownAlert } from '../widgets/problem-alert';
import { SpaceNote } from '../widgets/space-note';
import { WarningList } from '../widgets/warning-list';
import {
  bodyOf,
  type CreateForm,
  DESCRIPTION_MAX,
  estimatedBytes,
  type FormPartProps,
  initialForm,
  NAME_MAX,
  obstacle,
  takesSecrets,
} from './create-form';
import { PartialChoice } from './partial-choice';

export const CreatePage = () => {
  const { t } = useTranslation();
  const query = useInstance();
  return (
    <Page title={t('create.title')} back={{ href: '/', label: t('backups.title') }} size="sm">
      <Answered query={query}>{(instance) => <Form instance={instance} />}</Answered>
    </Page>
  );
};

const Form = ({ instance }: { instance: InstanceView }) => {
  const { t } = useTranslation();
  const [, navigate] = useLocation();
  const [form, setForm] = useState(() =>
    initialForm(instance, new Date(), (time) => t('create.default_name', { time })),
  );
  const creation = useMutation({
    mutationFn: () => createBackup(bodyOf(form)),
    onSuccess: ({ id }) => navigate(`/jobs/${encodeURIComponent(id)}`),
  });
  const inTheWay = obstacle(form);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (inTheWay === null) creation.mutate();
  };
  const change = (part: Partial<CreateForm>): void => setForm({ ...form, ...part });
  return (
    <form onSubmit={submit}>
      <Stack gap="lg">
        <Texts form={form} onChange={change} />
        <Radio.Group
          label={t('create.kind.label')}
          value={form.mode}
          onChange={(mode) => change({ mode: mode === 'full' ? 'full' : 'partial' })}
        >
          <Stack gap="xs" mt="xs">
            <Kind value="full" label={t('create.kind.full')} text={t('create.kind.full_text')} />
            <Kind value="partial" label={t('create.kind.partial')} text={t('create.kind.partial_text')} />
          </Stack>
        </Radio.Group>
        {form.mode === 'partial' && <PartialChoice form={form} instance={instance} onChange={change} />}
        {takesSecrets(form) && <SecretsNotice />}
        <WarningList warnings={instance.warnings} />
        <SpaceNote bytes={estimatedBytes(form, instance)} instance={instance} />
        {creation.isError && <ThrownAlert error={creation.error} />}
        <Group justify="flex-end">
          {inTheWay !== null && (
            <Text size="sm" c="red" role="status">
              {t(`create.${inTheWay}`)}
            </Text>
          )}
          <Button type="submit" disabled={inTheWay !== null} loading={creation.isPending || creation.isSuccess}>
            {t('create.submit')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
};

const Texts = ({ form, onChange }: FormPartProps) => {
  const { t } = useTranslation();
  return (
    <>
      <TextInput
        label={t('create.name')}
        value={form.name}
        onChange={(event) => onChange({ name: event.currentTarget.value })}
        maxLength={NAME_MAX}
        required
      />
      <Textarea
        label={t('create.description')}
        placeholder={t('create.description_hint')}
        value={form.description}
        onChange={(event) => onChange({ description: event.currentTarget.value })}
        maxLength={DESCRIPTION_MAX}
        autosize
        minRows={2}
        maxRows={8}
      />
    </>
  );
};

const Kind = ({ value, label, text }: { value: string; label: string; text: string }) => (
  <Radio.Card value={value} p="sm">
    <OptionText indicator={<Radio.Indicator />} label={label} text={text} />
  </Radio.Card>
);

const SecretsNotice = () => {
  const { t } = useTranslation();
  return (
    <Alert
      color="red"
      variant="light"
      icon={<IconAlertTriangle aria-hidden />}
      title={t('create.secrets_notice.title')}
    >
      {t('create.secrets_notice.text')}
    </Alert>
  );
};
