import { Button, Checkbox, Fieldset, Group, Stack, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { toggled } from '../backups/selection';
import { matching } from '../format/matching';
import { ScrollBox } from './scroll-box';
import { SearchField } from './search-field';

/** An agent as a list to tick shows it. */
export interface TickableAgent {
  id: string;
  name: string;
  /** Stands behind the name. */
  badge: ReactNode;
  description: ReactNode;
  /** Shown, but cannot be ticked. */
  disabled?: boolean;
}

interface AgentTicksProps {
  agents: readonly TickableAgent[];
  picked: ReadonlySet<string>;
  onChange: (picked: ReadonlySet<string>) => void;
}

/** Agents to tick, with a search; "all" and "none" mean those that the search shows. */
export const AgentTicks = ({ agents, picked, onChange }: AgentTicksProps) => {
  const { t } = useTranslation();
  const [query, setQuery] = useState('');
  const shown = matching(agents, query);
  const ids = shown.filter(({ disabled }) => !disabled).map(({ id }) => id);
  return (
    <Fieldset legend={t('create.agents.label')}>
      <Stack gap="sm">
        <Group gap="xs">
          <SearchField label={t('create.agents.search')} value={query} onChange={setQuery} />
          <Button variant="default" onClick={() => onChange(new Set([...picked, ...ids]))}>
            {t('create.agents.all')}
          </Button>
          <Button variant="default" onClick={() => onChange(new Set([...picked].filter((id) => !ids.includes(id))))}>
            {t('create.agents.none')}
          </Button>
        </Group>
        <ScrollBox label={t('create.agents.label')} maxHeight={360}>
          <Stack gap="sm">
            {shown.map((agent) => (
              <Tick
                key={agent.id}
                agent={agent}
                checked={picked.has(agent.id)}
                onToggle={() => onChange(toggled(picked, agent.id))}
              />
            ))}
            {shown.length === 0 && <Text size="sm">{t('create.agents.nothing_found')}</Text>}
          </Stack>
        </ScrollBox>
        <Text size="sm" c="dimmed" role="status">
          {t('create.agents.selected', { selected: picked.size, total: agents.length })}
        </Text>
      </Stack>
    </Fieldset>
  );
};

const Tick = (props: { agent: TickableAgent; checked: boolean; onToggle: () => void }) => {
  const { name, badge, description, disabled = false } = props.agent;
  return (
    <Checkbox
      label={
        <Group gap="xs" component="span">
          <span className="any-break">{name}</span>
          {badge}
        </Group>
      }
      description={<span className="any-break">{description}</span>}
      checked={props.checked}
      disabled={disabled}
      onChange={props.onToggle}
    />
  );
};
