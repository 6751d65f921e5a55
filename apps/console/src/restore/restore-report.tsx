import { Alert, Button, Code, Group, Stack, Text } from '@mantine/core';
import { IconArrowBackUp, IconRefreshAlert } from '@tabler/icons-react';
import { type ModuleName, MODULES, type RestoreResult } from '@pawvault/contracts';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { useBackup } from '../api/queries';
import { FactList } from '../widgets/fact-list';
import { useFormats } from '../widgets/formats';
import { LongList } from '../widgets/long-list';
import { useMay } from '../widgets/allowed';
import { Success } from '../widgets/success';
import { PathsReport } from './paths-report';

/** What a restore has done: what must be done now, how to undo it, and every part by its fate. */
export const RestoreReport = ({ result }: { result: RestoreResult }) => {
  const { t } = useTranslation();
  const formats = useFormats();
  const mayUndo = useMay('operator');
  const undo = result.pre_restore_backup_id;
  const figures = {
    count: result.files,
    bytes: formats.bytes(result.bytes),
    time: formats.duration(result.duration_ms / 1000),
  };
  return (
    <Stack>
      <Success title={t('restore.done.title')}>
        <Stack gap="sm" align="flex-start">
          <Text size="sm">{t('restore.done.text', figures)}</Text>
          {undo !== null && mayUndo && (
            <Group gap="xs">
              <Button
                component={Link}
                href={`/backups/${encodeURIComponent(undo)}/restore?undo`}
                size="xs"
                variant="default"
                leftSection={<IconArrowBackUp size={14} aria-hidden />}
              >
                {t('restore.done.undo')}
              </Button>
              <Text size="xs" c="dimmed">
                {t('restore.done.undo_text')}
              </Text>
            </Group>
          )}
        </Stack>
      </Success>
      {result.restart_required && (
        <Alert
          color="yellow"
          variant="light"
          role="alert"
          icon={<IconRefreshAlert aria-hidden />}
          title={t('restore.done.restart')}
        >
          {t('restore.done.restart_text')}
        </Alert>
      )}
      <PathsReport result={result} />
      <Fates result={result} />
    </Stack>
  );
};

const FATES = ['replaced', 'added', 'kept', 'skipped'] as const;

const Fates = ({ result }: { result: RestoreResult }) => {
  const { t } = useTranslation();
  const { data: backup } = useBackup(result.backup_id);
  const isAgent = (part: string): boolean => backup?.agents[part] !== undefined || !isModule(part);
  const nameOf = (part: string): string => {
    if (!isAgent(part) && isModule(part)) return t(`create.modules.${part}`);
    const name = backup?.agents[part]?.name ?? part;
    return name === part ? part : `${name} (${part})`;
  };
  // There are three modules and any number of agents.
  const named = (parts: readonly string[]): string[] =>
    [...parts].sort((a, b) => Number(isAgent(a)) - Number(isAgent(b))).map(nameOf);
  const left = result.left_behind.map(({ id, workspace_dir }) => `${id}: ${workspace_dir}`);
  return (
    <FactList
      facts={[
        ...FATES.map((fate) => listed(t(`restore.done.${fate}`), named(result[fate]))),
        listed(t('restore.done.links_not_made'), result.links_not_made ?? []),
        listed(t('restore.done.preserved'), result.preserved_local_keys),
        listed(t('restore.done.left_behind'), left),
        result.saved_master_key !== null && [
          t('restore.done.saved_master_key'),
          <Code key="path">{result.saved_master_key}</Code>,
        ],
      ]}
    />
  );
};

const isModule = (part: string): part is Exclude<ModuleName, 'agents'> =>
  part !== 'agents' && MODULES.includes(part as ModuleName);

const listed = (name: string, items: readonly string[]) =>
  items.length > 0 && ([name, <LongList key={name} items={items} />] as const);
