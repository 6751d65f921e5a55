import { Badge } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { AgentTicks } from '../widgets/agent-ticks';
import { useFormats } from '../widgets/formats';
import type { RestorableAgent } from './restore-form';

interface AgentChoiceProps {
  agents: readonly RestorableAgent[];
  picked: ReadonlySet<string>;
  onChange: (picked: ReadonlySet<string>) => void;
}

/** Agents of the backup, each with whether it replaces one and where it goes. */
export const AgentChoice = ({ agents, ...rest }: AgentChoiceProps) => {
  const { t } = useTranslation();
  const formats = useFormats();
  return (
    <AgentTicks
      agents={agents.map(({ id, name, files, bytes, action, destination }) => ({
        id,
        name,
        badge: (
          <Badge component="span" size="sm" variant="light" color={action === 'add' ? 'green' : 'indigo'}>
            {t(`restore.action.${action}`)}
          </Badge>
        ),
        description: (
          <>
            {`${id} · ${t('create.agents.files', { count: files })} · ${formats.bytes(bytes)}`}
            <br />
            {destination}
          </>
        ),
      }))}
      {...rest}
    />
  );
};
