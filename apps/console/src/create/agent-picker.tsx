import { Badge } from '@mantine/core';
import type { AgentView } from '@pawvault/contracts';
import { useTranslation } from 'react-i18next';
import { AgentTicks } from '../widgets/agent-ticks';
import { useFormats } from '../widgets/formats';

interface AgentPickerProps {
  agents: readonly AgentView[];
  picked: ReadonlySet<string>;
  onChange: (picked: ReadonlySet<string>) => void;
}

/** Agents of the instance; one whose workspace is missing cannot be backed up. */
export const AgentPicker = ({ agents, ...rest }: AgentPickerProps) => {
  const { t } = useTranslation();
  const formats = useFormats();
  const disabledBadge = (
    <Badge size="sm" variant="light" color="gray" component="span">
      {t('create.agents.disabled')}
    </Badge>
  );
  return (
    <AgentTicks
      agents={agents.map(({ id, name, enabled, exists, files, bytes }) => ({
        id,
        name,
        badge: !enabled && disabledBadge,
        description: exists
          ? `${id} · ${t('create.agents.files', { count: files })} · ${formats.bytes(bytes)}`
          : `${id} · ${t('create.agents.missing')}`,
        disabled: !exists,
      }))}
      {...rest}
    />
  );
};
