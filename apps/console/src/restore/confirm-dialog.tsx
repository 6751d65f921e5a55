import { Button, Checkbox, Group, List, Stack, Text } from '@mantine/core';
import type { RestorePlan } from '@pawvault/contracts';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { listFormat } from '../format/formatters';
import { Dialog } from '../widgets/dialog';
import { ThrownAlert } from '../widgets/problem-alert';
import { RemovedPaths } from './removed-paths';

interface ConfirmDialogProps {
  opened: boolean;
  plan: RestorePlan;
  backUpFirst: boolean;
  pending: boolean;
  error: Error | null;
  onConfirm: () => void;
  onClose: () => void;
}

/** The second confirmation: nobody replaces months of work with one click too many. */
export const ConfirmDialog = ({ opened, onClose, ...rest }: ConfirmDialogProps) => {
  const { t } = useTranslation();
  return (
    <Dialog opened={opened} onClose={onClose} title={t('restore.confirm.title')}>
      {opened && <Question {...rest} onClose={onClose} />}
    </Dialog>
  );
};

const Question = ({ plan, backUpFirst, pending, error, onConfirm, onClose }: Omit<ConfirmDialogProps, 'opened'>) => {
  const { t, i18n } = useTranslation();
  const [understood, setUnderstood] = useState(false);
  const replaced = plan.agents.filter(({ action }) => action === 'replace').length;
  const added = plan.agents.length - replaced;
  const modules = plan.modules.filter(({ action }) => action !== 'skip');
  const names = modules.map(({ module }) => t(`create.modules.${module}`));
  const left = plan.left_behind.length;
  return (
    <Stack>
      <List size="sm">
        {replaced > 0 && <List.Item>{t('restore.confirm.replaced', { count: replaced })}</List.Item>}
        {added > 0 && <List.Item>{t('restore.confirm.added', { count: added })}</List.Item>}
        {names.length > 0 && (
          <List.Item>{t('restore.confirm.modules', { names: listFormat(i18n.language, {}).format(names) })}</List.Item>
        )}
        <RemovedPaths plan={plan} />
        {left > 0 && <List.Item>{t('restore.preview.left_behind', { count: left })}</List.Item>}
        <List.Item>{t(backUpFirst ? 'restore.confirm.with_backup' : 'restore.confirm.without_backup')}</List.Item>
      </List>
      <Text size="sm">{t('restore.confirm.text')}</Text>
      <Checkbox
        label={t(backUpFirst ? 'restore.confirm.understood' : 'restore.confirm.understood_no_way_back')}
        checked={understood}
        onChange={(event) => setUnderstood(event.currentTarget.checked)}
        data-autofocus
      />
      {error !== null && <ThrownAlert error={error} />}
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          {t('app.cancel')}
        </Button>
        <Button color="red" disabled={!understood} loading={pending} onClick={onConfirm}>
          {t('restore.confirm.start')}
        </Button>
      </Group>
    </Stack>
  );
};
