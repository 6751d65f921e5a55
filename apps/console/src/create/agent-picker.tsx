import { Badge, Button, Checkbox, Fieldset, Group, ScrollArea, Stack, Text } from '@mantine/core';
import type { AgentView } from '@pawvault/contracts';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { matching } from '../format/matching';
import { useFormats } from '../widgets/formats';
import { SearchField } from '../widgets/search-field';
import { toggled } from '../backups/selection';

interface AgentPickerProps {
  agents: readonly AgentView[];
  picked: ReadonlySet<string>;
  onChange: (picked: ReadonlySet<string>) => void;
}

/** Agents to tick, with a search; "all" and "none" mean those that the search shows. */
export const AgentPicker = ({ agents, picked, onChange }: AgentPickerProps) => {
  const { t } = useTranslation();
  const [query, setQuery] = useState('');
  const shown = matching(agents, query);
  const ids = shown.filter(({ exists }) => exists).map(({ id }) => id);
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
          mah={320}
          type="auto"
          offsetScrollbars
          viewportProps={{ tabIndex: 0, 'aria-label': t('create.agents.label'), role: 'group' }}
        >
          <Stack gap="xs">
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

const AgentBox = ({ agent, checked, onToggle }: { agent: AgentView; checked: boolean; onToggle: () => void }) => {
  const { t } = useTranslation();
  const formats = useFormats();
  return (
    <Checkbox
      label={
        <Group gap="xs" component="span">
          <span className="any-break">{agent.name}</span>
          {!agent.enabled && (
            <Badge size="sm" variant="light" color="gray" component="span">
              {t('create.agents.disabled')}
            </Badge>
          )}
        </Group>
      }
      description={
        agent.exists
          ? `${agent.id} · ${t('create.agents.files', { count: agent.files })} · ${formats.bytes(agent.bytes)}`
          : `${agent.id} · ${t('create.agents.missing')}`
      }
      checked={checked}
      disabled={!agent.exists}
      onChange={onToggle}
    />
  );
};
