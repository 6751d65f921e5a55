import { Alert, Button, Checkbox, Group, Paper, Stack, Table, Text } from '@mantine/core';
import { IconCopyX, IconShieldQuestion } from '@tabler/icons-react';
import type { ImportView } from '@pawvault/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { acceptImport } from '../api/actions';
import { useFormats } from '../widgets/formats';
import { ThrownAlert } from '../widgets/problem-alert';
import { acceptBody, type Decision, isDecided } from './import-state';

/** What only a person can decide about a sound archive: whether to trust it, and whether it may take the place of another. */
export const DecisionForm = ({ view }: { view: ImportView }) => {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [decision, setDecision] = useState<Decision>({ overwrite: false, trusted: false });
  const change = (part: Partial<Decision>): void => setDecision({ ...decision, ...part });
  const accept = useMutation({
    mutationFn: () => acceptImport(view.id, acceptBody(view, decision)),
    onSuccess: (accepted) => queries.setQueryData(['import', view.id], accepted),
    onError: () => queries.invalidateQueries({ queryKey: ['import', view.id] }),
  });
  return (
    <Paper withBorder p="md">
      <Stack>
        {view.trust_needed !== null && (
          <Alert
            color="orange"
            variant="light"
            icon={<IconShieldQuestion aria-hidden />}
            title={t(`trust.${view.trust_needed}.title`)}
          >
            <Stack gap="sm">
              <Text size="sm">{t(`trust.${view.trust_needed}.text`)}</Text>
              <Text size="sm">{t('trust.meaning')}</Text>
              <Checkbox
                label={t('trust.vouch')}
                checked={decision.trusted}
                onChange={(event) => change({ trusted: event.currentTarget.checked })}
              />
            </Stack>
          </Alert>
        )}
        {view.conflict !== null && (
          <Conflict view={view} overwrite={decision.overwrite} onChange={(overwrite) => change({ overwrite })} />
        )}
        {accept.isError && <ThrownAlert error={accept.error} />}
        <Group justify="flex-end">
          <Button
            {...(view.conflict !== null && { color: 'red' })}
            disabled={!isDecided(view, decision)}
            loading={accept.isPending}
            onClick={() => accept.mutate()}
          >
            {t(view.conflict === null ? 'imports.accept' : 'imports.accept_overwrite')}
          </Button>
        </Group>
      </Stack>
    </Paper>
  );
};

interface ConflictProps {
  view: ImportView;
  overwrite: boolean;
  onChange: (overwrite: boolean) => void;
}

/** The two backups beside each other, of which one can stay. */
const Conflict = ({ view: { conflict, meta, size }, overwrite, onChange }: ConflictProps) => {
  const { t } = useTranslation();
  const formats = useFormats();
  if (conflict === null || meta === null) return null;
  const rows = [
    [t('backups.columns.name'), conflict.name, meta.name],
    [t('backups.columns.created'), formats.instant(conflict.created_at), formats.instant(meta.created_at)],
    [t('backups.columns.size'), formats.bytes(conflict.size), formats.bytes(size)],
  ];
  return (
    <Alert color="orange" variant="light" icon={<IconCopyX aria-hidden />} title={t('imports.conflict.title')}>
      <Stack gap="sm">
        <Text size="sm">{t('imports.conflict.text')}</Text>
        <Table layout="fixed">
          <Table.Thead>
            <Table.Tr>
              <Table.Th aria-label={t('imports.conflict.compared')} />
              <Table.Th>{t('imports.conflict.existing')}</Table.Th>
              <Table.Th>{t('imports.conflict.uploaded')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {rows.map(([name, existing, uploaded]) => (
              <Table.Tr key={name}>
                <Table.Td>{name}</Table.Td>
                <Table.Td className="any-break">{existing}</Table.Td>
                <Table.Td className="any-break">{uploaded}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
        <Checkbox
          label={t('imports.conflict.overwrite')}
          checked={overwrite}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
      </Stack>
    </Alert>
  );
};
