import { Accordion, Alert, Code, List, Stack, Text, Title } from '@mantine/core';
import { IconRefreshAlert } from '@tabler/icons-react';
import type { RestorePlan } from '@pawvault/contracts';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormats } from '../widgets/formats';
import { ScrollBox } from '../widgets/scroll-box';
import { WarningList } from '../widgets/warning-list';
import { ChangesTable } from './changes-table';
import { PathFigures } from './path-figures';
import type { PathsOpening } from './path-list';
import { sourceOf } from './path-source';
import { PathsDialog } from './paths-dialog';
import { planRows } from './plan-rows';
import { RemovalNotice } from './removal-notice';

/** Everything that a restore would change, and what it leaves. */
export const PlanView = ({ plan }: { plan: RestorePlan }) => {
  const { t } = useTranslation();
  const formats = useFormats();
  const { total, ...rows } = planRows(plan);
  const [opening, setOpening] = useState<PathsOpening | null>(null);
  const openAll = (change: PathsOpening['change']): void =>
    setOpening({ part: null, name: null, change, counts: plan.path_counts });
  return (
    <Stack gap="md">
      <div>
        <Title order={2} size="h4">
          {t('restore.preview.title')}
        </Title>
        <PathFigures counts={plan.path_counts} unchanged={total.unchanged} onOpen={openAll} />
        <Text size="sm" c="dimmed">
          {t('restore.preview.bytes', { bytes: formats.bytes(plan.bytes) })}
        </Text>
      </div>
      <RemovalNotice count={plan.path_counts.removed} onOpen={() => openAll('removed')} />
      <WarningList warnings={plan.warnings} />
      <ChangesTable {...rows} onOpen={setOpening} />
      <Notes plan={plan} />
      <Accordion variant="separated" multiple>
        <Part name="config_changes" items={plan.config_changes} />
        <Part name="preserved" items={plan.preserved_local_keys} />
        <Part name="left_behind" items={plan.left_behind.map(({ id, workspace_dir }) => `${id}: ${workspace_dir}`)} />
      </Accordion>
      <PathsDialog
        source={sourceOf(plan)}
        opening={opening}
        agentName={(id) => agentNameIn(plan, id)}
        onClose={() => setOpening(null)}
      />
    </Stack>
  );
};

const agentNameIn = ({ agents }: RestorePlan, id: string): string =>
  agents.find((agent) => agent.id === id)?.name ?? id;

/** A long list that most people need not read, folded behind how long it is. */
const Part = ({ name, items }: { name: 'config_changes' | 'preserved' | 'left_behind'; items: readonly string[] }) => {
  const { t } = useTranslation();
  if (items.length === 0) return null;
  const title = t(`restore.preview.${name}`, { count: items.length });
  return (
    <Accordion.Item value={name}>
      <Accordion.Control>{title}</Accordion.Control>
      <Accordion.Panel>
        <Text size="sm" c="dimmed" mb="xs">
          {t(`restore.preview.${name}_text`)}
        </Text>
        <ScrollBox label={title} maxHeight={320}>
          <List size="sm" spacing={2}>
            {items.map((item) => (
              <List.Item key={item}>
                <Code className="any-break">{item}</Code>
              </List.Item>
            ))}
          </List>
        </ScrollBox>
      </Accordion.Panel>
    </Accordion.Item>
  );
};

const Notes = ({ plan }: { plan: RestorePlan }) => {
  const { t } = useTranslation();
  const notes = [
    plan.replaces_master_key && t('restore.preview.replaces_master_key'),
    plan.keeps_local_master_key && t('restore.preview.keeps_master_key'),
    plan.restart_required && t('restore.preview.restart'),
  ].filter((note) => note !== false);
  if (notes.length === 0) return null;
  return (
    <Alert color="indigo" variant="light" icon={<IconRefreshAlert aria-hidden />} title={t('restore.preview.notes')}>
      <List size="sm">
        {notes.map((note) => (
          <List.Item key={note}>{note}</List.Item>
        ))}
      </List>
    </Alert>
  );
};
