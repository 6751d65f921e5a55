import { Alert, Checkbox, Fieldset, Radio, Stack, TextInput } from '@mantine/core';
import type { BackupDetail, RestoreMode } from '@pawvault/contracts';
import { useTranslation } from 'react-i18next';
import { toggled } from '../backups/selection';
import { OptionText } from '../widgets/option-text';
import { AgentChoice } from './agent-choice';
import {
  agentsOf,
  isForeign,
  mayRestoreSecrets,
  modulesOf,
  obstacle,
  refusalOf,
  type RestoredModule,
  type StepProps,
  takesConfig,
  unplacedAgents,
} from './restore-form';

/** What to take from the backup, and where new agents go. */
export const ChoiceStep = (props: StepProps) => {
  const { t } = useTranslation();
  const { backup, instance, form, onChange } = props;
  const agents = agentsOf(backup, instance, form.workspaceDir);
  const unplaced = unplacedAgents(form, agents).length;
  const inTheWay = obstacle(form, props);
  return (
    <Stack gap="lg">
      <Radio.Group
        label={t('restore.mode.label')}
        value={form.mode}
        onChange={(mode) => onChange({ mode: mode === 'full' ? 'full' : 'custom' })}
      >
        <Stack gap="xs" mt="xs">
          <Mode value="full" refusal={refusalOf('full', props)} />
          <Mode value="custom" refusal={refusalOf('custom', props)} />
        </Stack>
      </Radio.Group>
      {form.mode === 'custom' && agents.length > 0 && (
        <AgentChoice agents={agents} picked={form.agents} onChange={(picked) => onChange({ agents: picked })} />
      )}
      {form.mode === 'custom' && <Modules {...props} />}
      {unplaced > 0 && (
        <TextInput
          label={t('restore.workspace_dir.label')}
          description={
            instance === null
              ? t('restore.workspace_dir.unknown')
              : t('restore.workspace_dir.text', { count: unplaced })
          }
          placeholder={instance === null ? '' : `${instance.directories.working_dir}/workspaces`}
          value={form.workspaceDir}
          onChange={(event) => onChange({ workspaceDir: event.currentTarget.value })}
          error={inTheWay === 'workspace_dir_relative' && t('restore.workspace_dir_relative')}
        />
      )}
      {isForeign(backup) && takesConfig(form, backup) && <LocalSettings {...props} />}
      {inTheWay === 'nothing_selected' && (
        <Alert color="yellow" role="status">
          {t('restore.nothing_selected')}
        </Alert>
      )}
    </Stack>
  );
};

const Mode = ({ value, refusal }: { value: RestoreMode; refusal: ReturnType<typeof refusalOf> }) => {
  const { t } = useTranslation();
  const disabled = refusal !== null;
  return (
    <Radio.Card value={value} p="sm" disabled={disabled}>
      <OptionText
        indicator={<Radio.Indicator disabled={disabled} />}
        label={t(`restore.mode.${value}`)}
        text={t(`restore.mode.${refusal ?? `${value}_text`}`)}
      />
    </Radio.Card>
  );
};

const Modules = ({ backup, role, form, onChange }: StepProps) => {
  const { t } = useTranslation();
  const offered = modulesOf(backup);
  if (offered.length === 0) return null;
  const refused = (name: RestoredModule): boolean => name === 'secrets' && !mayRestoreSecrets(role);
  return (
    <Fieldset legend={t('restore.modules')}>
      <Stack gap="sm">
        {offered.map((name) => (
          <Checkbox
            key={name}
            label={t(`create.modules.${name}`)}
            description={refused(name) ? t('restore.mode.needs_admin') : t(`restore.module_text.${name}`)}
            disabled={refused(name)}
            checked={form.modules.has(name)}
            onChange={() => onChange({ modules: toggled(form.modules, name) })}
          />
        ))}
      </Stack>
    </Fieldset>
  );
};

/** What decides what agents may do is not taken over from elsewhere unasked. */
const LocalSettings = ({ backup, form, onChange }: StepProps) => {
  const { t } = useTranslation();
  const origin = t(`restore.local.${whence(backup)}`);
  return (
    <Radio.Group
      label={t('restore.local.label')}
      description={`${t('restore.local.text')} ${origin}`}
      value={form.preserveLocal ? 'keep' : 'take'}
      onChange={(value) => onChange({ preserveLocal: value === 'keep' })}
    >
      <Stack gap="xs" mt="xs">
        <Radio value="keep" label={t('restore.local.keep')} />
        <Radio value="take" label={t('restore.local.take')} />
      </Stack>
    </Radio.Group>
  );
};

/** How sure it is that the backup comes from elsewhere. */
function whence({ trust, verified }: BackupDetail): 'unchecked' | 'damaged' | 'elsewhere' {
  if (trust === 'unchecked') return 'unchecked';
  return trust === 'mismatch' && verified === 'damaged' ? 'damaged' : 'elsewhere';
}
