import { Button, Group, Stack, Textarea, TextInput } from '@mantine/core';
import type { BackupSummary } from '@pawvault/contracts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { renameBackup } from '../api/actions';
import { problemOfView } from '../api/problem';
import { useJob } from '../api/queries';
import { DESCRIPTION_MAX, NAME_MAX } from '../create/create-form';
import { hasEnded } from '../jobs/poll-delay';
import { Dialog } from '../widgets/dialog';
import { notify } from '../widgets/notify';
import { ProblemAlert, ThrownAlert } from '../widgets/problem-alert';

type Renamed = Pick<BackupSummary, 'id' | 'name' | 'description'>;

interface RenameDialogProps {
  /** null: closed. */
  backup: Renamed | null;
  onClose: () => void;
}

export const RenameDialog = ({ backup, onClose }: RenameDialogProps) => {
  const { t } = useTranslation();
  return (
    <Dialog opened={backup !== null} onClose={onClose} title={t('backups.rename.title')}>
      {backup !== null && <RenameForm backup={backup} onClose={onClose} />}
    </Dialog>
  );
};

const RenameForm = ({ backup, onClose }: { backup: Renamed; onClose: () => void }) => {
  const { t } = useTranslation();
  const [name, setName] = useState(backup.name);
  const [description, setDescription] = useState(backup.description);
  const rename = useMutation({
    mutationFn: () => renameBackup(backup.id, { name: name.trim(), description: description.trim() }),
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    rename.mutate();
  };
  const missing = name.trim() === '';
  return (
    <form onSubmit={submit}>
      <Stack>
        <TextInput
          label={t('backups.rename.name')}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          maxLength={NAME_MAX}
          error={missing && t('backups.rename.name_missing')}
          data-autofocus
          required
        />
        <Textarea
          label={t('backups.rename.description')}
          value={description}
          onChange={(event) => setDescription(event.currentTarget.value)}
          maxLength={DESCRIPTION_MAX}
          autosize
          minRows={2}
          maxRows={8}
        />
        {rename.isError && <ThrownAlert error={rename.error} />}
        {rename.data && <Outcome jobId={rename.data.id} name={name} onDone={onClose} onRetry={rename.reset} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('app.cancel')}
          </Button>
          <Button type="submit" disabled={missing || rename.isSuccess} loading={rename.isPending || rename.isSuccess}>
            {t('backups.rename.submit')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
};

interface OutcomeProps {
  jobId: string;
  name: string;
  onDone: () => void;
  onRetry: () => void;
}

/** A job does it, because the signature of the archive covers name and description; mostly in the blink of an eye. */
const Outcome = ({ jobId, name, onDone, onRetry }: OutcomeProps) => {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const { data: job } = useJob(jobId);
  const state = job?.state ?? null;
  useEffect(() => {
    if (!hasEnded(state)) return;
    for (const key of ['backups', 'backup']) void queries.invalidateQueries({ queryKey: [key] });
    if (state !== 'completed') return;
    notify(t('backups.rename.done', { name }));
    onDone();
  }, [state, queries, t, name, onDone]);
  return job?.error ? <ProblemAlert problem={problemOfView(job.error)} onRetry={onRetry} /> : null;
};
