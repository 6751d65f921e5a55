import { Accordion, Alert, Code, List, Stack, Text, Title } from '@mantine/core';
import { IconRefreshAlert } from '@tabler/icons-react';
import type { RestorePlan } from '@pawvault/contracts';
import { useTranslation } from 'react-i18next';
import { useFormats } from '../widgets/formats';
import { ScrollBox } from '../widgets/scroll-box';
import { WarningList } from '../widgets/warning-list';
import { ChangesTable } from './changes-table';
import { planRows } from './plan-rows';

/** Everything that a restore would change, and what it leaves. */
export const PlanView = ({ plan }: { plan: RestorePlan }) => {
  const { t } = useTranslation();
  const formats = useFormats();
  const { total, ...rows } = planRows(plan);
  const figures = [
    t('restore.preview.sum.added', { count: total.added }),
    t('restore.preview.sum.changed', { count: total.changed }),
    t('restore.preview.sum.removed', { count: total.removed }),
    t('restore.preview.sum.unchanged', { count: total.unchanged }),
  ];
  return (
    <Stack gap="md">
      <div>
        <Title order={2} size="h4">
          {t('restore.preview.title')}
        </Title>
        <Text size="sm">{figures.join(' · ')}</Text>
        <Text size="sm" c="dimmed">
          {t('restore.preview.bytes', { bytes: formats.bytes(plan.bytes) })}
        </Text>
      </div>
      <WarningList warnings={plan.warnings} />
      <ChangesTable {...rows} />
      <Notes plan={plan} />
      <Accordion variant="separated" multiple>
        <Part name="config_changes" items={plan.config_changes} />
        <Part name="preserved" items={plan.preserved_local_keys} />
        <Part name="left_behind" items={plan.left_behind.map(({ id, workspace_dir }) => `${id}: ${workspace_dir}`)} />
      </Accordion>
    </Stack>
  );
};

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
