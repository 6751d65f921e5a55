import { Accordion, Alert, Badge, Code, List, ScrollArea, Stack, Table, Text, Title } from '@mantine/core';
import { IconRefreshAlert } from '@tabler/icons-react';
import type { RestorePlan, TreeChanges } from '@pawvault/contracts';
import { useTranslation } from 'react-i18next';
import { useFormats } from '../widgets/formats';
import { WarningList } from '../widgets/warning-list';

/** Everything that a restore would change, and what it leaves. */
export const PlanView = ({ plan }: { plan: RestorePlan }) => {
  const { t } = useTranslation();
  const formats = useFormats();
  return (
    <Stack gap="md">
      <Title order={2} size="h4">
        {t('restore.preview.title')}
      </Title>
      <WarningList warnings={plan.warnings} />
      <Changes plan={plan} />
      <Text size="sm" c="dimmed">
        {t('restore.preview.bytes', { bytes: formats.bytes(plan.bytes) })}
      </Text>
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
  return (
    <Accordion.Item value={name}>
      <Accordion.Control>{t(`restore.preview.${name}`, { count: items.length })}</Accordion.Control>
      <Accordion.Panel>
        <Text size="sm" c="dimmed" mb="xs">
          {t(`restore.preview.${name}_text`)}
        </Text>
        <List size="sm" spacing={2}>
          {items.map((item) => (
            <List.Item key={item}>
              <Code className="any-break">{item}</Code>
            </List.Item>
          ))}
        </List>
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

const ACTION_COLORS = { replace: 'indigo', add: 'green', skip: 'gray' } as const;
const FIGURES = ['added', 'changed', 'removed', 'unchanged'] as const;

const Changes = ({ plan }: { plan: RestorePlan }) => {
  const { t } = useTranslation();
  const rows = [
    ...plan.agents.map((agent) => ({ ...agent, key: `agent ${agent.id}` })),
    ...plan.modules.map((module) => ({
      ...module,
      key: module.module,
      name: t(`create.modules.${module.module}`),
    })),
  ];
  return (
    <ScrollArea.Autosize
      mah={520}
      type="auto"
      viewportProps={{ tabIndex: 0, role: 'group', 'aria-label': t('restore.preview.title') }}
    >
      <Table stickyHeader>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('restore.preview.what')}</Table.Th>
            {FIGURES.map((figure) => (
              <Table.Th key={figure} ta="right" visibleFrom="sm">
                {t(`restore.preview.${figure}`)}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map(({ key, ...row }) => (
            <ChangeRow key={key} {...row} />
          ))}
        </Table.Tbody>
      </Table>
    </ScrollArea.Autosize>
  );
};

const Figures = ({ changes }: { changes: TreeChanges }) => {
  const formats = useFormats();
  return FIGURES.map((figure) => (
    <Table.Td key={figure} ta="right" visibleFrom="sm" {...(changes[figure] === 0 && { c: 'dimmed' })}>
      {formats.count(changes[figure])}
    </Table.Td>
  ));
};

type ChangeRowProps = Pick<RestorePlan['agents'][number], 'name' | 'destination' | 'changes'> & {
  action: keyof typeof ACTION_COLORS;
};

/** Figures stand in columns, or below the name where there is no room for columns. */
const ChangeRow = ({ name, action, destination, changes }: ChangeRowProps) => {
  const { t } = useTranslation();
  const formats = useFormats();
  const figures = FIGURES.map((figure) => `${t(`restore.preview.${figure}`)} ${formats.count(changes[figure])}`);
  return (
    <Table.Tr>
      <Table.Td>
        <Text size="sm" fw={500} component="span" className="any-break">
          {name}
        </Text>{' '}
        <Badge size="sm" variant="light" color={ACTION_COLORS[action]}>
          {t(`restore.action.${action}`)}
        </Badge>
        <Text size="xs" c="dimmed" className="any-break">
          {action === 'skip' ? t('restore.preview.skipped') : destination}
        </Text>
        <Text size="xs" hiddenFrom="sm">
          {figures.join(' · ')}
        </Text>
      </Table.Td>
      <Figures changes={changes} />
    </Table.Tr>
  );
};
