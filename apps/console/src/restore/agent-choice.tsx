import { Badge, Button, Checkbox, Fieldset, Group, ScrollArea, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { toggled } from '../backups/selection';
import { matching } from '../format/matching';
import { useFormats } from '../widgets/formats';
import { SearchField } from '../widgets/search-field';
import type { RestorableAgent } from './restore-form';

interface AgentChoiceProps {
  agents: readonly RestorableAgent[];
  picked: ReadonlySet<string>;
  onChange: (picked: ReadonlySet<string>) => void;
}

/** Agents of the backup to tick, each with whether it replaces one and where it goes; "all" and "none" mean those that the search shows. */
export const AgentChoice = ({ agents, picked, onChange }: AgentChoiceProps) => {
  const { t } = useTranslation();
  const [query, setQuery] = useState('');
  const shown = matching(agents, query);
  const ids = shown.map(({ id }) => id);
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
        <ScrollArea.Autosize
          mah={360}
          type="auto"
          offsetScrollbars
          viewportProps={{ tabIndex: 0, 'aria-label': t('create.agents.label'), role: 'group' }}
        >
          <Stack gap="sm">
            {shown.map((agent) => (
              <AgentBox
                key={agent.id}
                agent={agent}
                checked={picked.has(agent.id)}
                onToggle={() => onChange(toggled(picked, agent.id))}
              />
            ))}
            {shown.length === 0 && <Text size="sm">{t('create.agents.nothing_found')}</Text>}
          </Stack>
        </ScrollArea.Autosize>
        <Text size="sm" c="dimmed" role="status">
          {t('create.agents.selected', { selected: picked.size, total: agents.length })}
        </Text>
      </Stack>
    </Fieldset>
  );
};

const AgentBox = (props: { agent: RestorableAgent; checked: boolean; onToggle: () => void }) => {
  const { t } = useTranslation();
  const formats = useFormats();
  const { id, name, files, bytes, action, destination } = props.agent;
  return (
    <Checkbox
      label={
        <Group gap="xs" component="span">
          <span className="any-break">{name}</span>
          <Badge component="span" size="sm" variant="light" color={action === 'add' ? 'green' : 'indigo'}>
            {t(`restore.action.${action}`)}
          </Badge>
        </Group>
      }
      description={
        <span className="any-break">
          {`${id} · ${t('create.agents.files', { count: files })} · ${formats.bytes(bytes)}`}
          <br />
          {destination}
        </span>
      }
      checked={props.checked}
      onChange={props.onToggle}
    />
  );
};
