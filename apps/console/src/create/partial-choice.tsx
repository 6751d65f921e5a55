import { Checkbox, Fieldset, Stack } from '@mantine/core';
import type { InstanceView } from '@pawvault/contracts';
import { useTranslation } from 'react-i18next';
import { useFormats } from '../widgets/formats';
import { AgentPicker } from './agent-picker';
import type { FormPartProps } from './create-form';

const MODULES = ['global_config', 'skill_pool', 'secrets'] as const;

/** What goes into a partial backup: agents one by one, and whole modules. */
export const PartialChoice = ({ form, instance, onChange }: FormPartProps & { instance: InstanceView }) => {
  const { t } = useTranslation();
  const formats = useFormats();
  return (
    <>
      <AgentPicker agents={instance.agents} picked={form.agents} onChange={(agents) => onChange({ agents })} />
      <Fieldset legend={t('create.modules.label')}>
        <Stack gap="sm">
          {MODULES.map((name) => (
            <Checkbox
              key={name}
              label={`${t(`create.modules.${name}`)} · ${formats.bytes(instance.modules[name].bytes)}`}
              description={name === 'secrets' ? t('create.modules.secrets_text') : undefined}
              checked={form.modules[`include_${name}`]}
              onChange={({ currentTarget: { checked } }) =>
                onChange({ modules: { ...form.modules, [`include_${name}`]: checked } })
              }
            />
          ))}
        </Stack>
      </Fieldset>
    </>
  );
};
