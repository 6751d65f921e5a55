import { Alert, Button, Group, List, Stack, Text } from '@mantine/core';
import type { BackupSummary } from '@pawvault/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { deleteBackups, type Deletion } from '../api/actions';
import { problemOfView } from '../api/problem';
import { Dialog } from '../widgets/dialog';
import { notify } from '../widgets/notify';
import { ThrownAlert } from '../widgets/problem-alert';

interface DeleteDialogProps {
  /** Empty: closed. */
  backups: readonly BackupSummary[];
  onClose: () => void;
  onDeleted: () => void;
}

/** Asks before anything is deleted, names what will be, and then what was not and why. */
export const DeleteDialog = ({ backups, onClose, onDeleted }: DeleteDialogProps) => {
  const { t } = useTranslation();
  const count = backups.length;
  return (
    <Dialog opened={count > 0} onClose={onClose} title={t('backups.delete.title', { count })}>
      {count > 0 && <Question backups={backups} onClose={onClose} onDeleted={onDeleted} />}
    </Dialog>
  );
};

/** More names than anybody reads; the count says the rest. */
const NAMES_SHOWN = 10;

const Question = ({ backups, onClose, onDeleted }: DeleteDialogProps) => {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [failed, setFailed] = useState<Deletion[]>([]);
  const count = backups.length;
  const deletion = useMutation({
    mutationFn: () => deleteBackups(backups.map(({ id }) => id)),
    onSuccess: (results) => {
      const left = results.filter(({ error }) => error !== null);
      const done = results.length - left.length;
      if (done > 0) notify(t('backups.delete.done', { count: done }));
      setFailed(left);
      if (left.length > 0) return;
      onDeleted();
      onClose();
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ['backups'] }),
  });
  return (
    <Stack>
      <List size="sm">
        {backups.slice(0, NAMES_SHOWN).map(({ id, name }) => (
          <List.Item key={id} className="any-break">
            {name}
          </List.Item>
        ))}
        {count > NAMES_SHOWN && <List.Item>{t('backups.delete.and_more', { count: count - NAMES_SHOWN })}</List.Item>}
      </List>
      <Text size="sm">{t('backups.delete.text')}</Text>
      {deletion.isError && <ThrownAlert error={deletion.error} />}
      {failed.length > 0 && <Failures failed={failed} backups={backups} />}
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose} data-autofocus>
          {failed.length > 0 ? t('app.close') : t('app.cancel')}
        </Button>
        {failed.length === 0 && (
          <Button color="red" loading={deletion.isPending} onClick={() => deletion.mutate()}>
            {t('backups.delete.confirm', { count })}
          </Button>
        )}
      </Group>
    </Stack>
  );
};

const Failures = ({ failed, backups }: { failed: Deletion[]; backups: readonly BackupSummary[] }) => {
  const { t } = useTranslation();
  return (
    <Alert color="red" role="alert" title={t('backups.delete.failed', { count: failed.length })}>
      <List size="sm">
        {failed.map(({ id, error }) => {
          const { code } = problemOfView(error ?? { code: '', message: '' });
          return (
            <List.Item key={id} className="any-break">
              <b>{backups.find((backup) => backup.id === id)?.name ?? id}</b>
              {`: ${t(`errors.${code}.title`)}. ${t(`errors.${code}.remedy`)}`}
            </List.Item>
          );
        })}
      </List>
    </Alert>
  );
};
