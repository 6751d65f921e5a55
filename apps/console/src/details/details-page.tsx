import { Button, Menu, Stack } from '@mantine/core';
import { IconRestore } from '@tabler/icons-react';
import type { BackupDetail } from '@pawvault/contracts';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'wouter';
import { useBackup } from '../api/queries';
import { ChangingItems } from '../backups/backup-actions';
import { DeleteDialog } from '../backups/delete-dialog';
import { RenameDialog } from '../backups/rename-dialog';
import { Allowed } from '../widgets/allowed';
import { Answered } from '../widgets/answered';
import { Page } from '../widgets/page';
import { Browser } from './browser';
import { Contents } from './contents';
import { LeftOut } from './left-out';
import { Overview } from './overview';

/** Everything about one backup: what it is, what is in it, what is not, whether it is sound, and its files one by one. */
export const DetailsPage = ({ id }: { id: string }) => {
  const { t } = useTranslation();
  const query = useBackup(id);
  const backup = query.data as BackupDetail | undefined;
  return (
    <Page
      title={backup?.name ?? t('details.title')}
      back={{ href: '/', label: t('backups.title') }}
      actions={
        backup && (
          <Allowed to="operator">
            <Actions backup={backup} />
          </Allowed>
        )
      }
    >
      <Answered query={query}>
        {() =>
          backup && (
            <Stack gap="xl">
              <Overview backup={backup} />
              <Contents backup={backup} />
              <LeftOut backup={backup} />
              <Browser id={id} />
            </Stack>
          )
        }
      </Answered>
    </Page>
  );
};

const Actions = ({ backup }: { backup: BackupDetail }) => {
  const { t } = useTranslation();
  const [, navigate] = useLocation();
  const [open, setOpen] = useState<'rename' | 'delete' | null>(null);
  const address = `/backups/${encodeURIComponent(backup.id)}`;
  const close = (): void => setOpen(null);
  return (
    <>
      <Button component={Link} href={`${address}/restore`} leftSection={<IconRestore size={16} aria-hidden />}>
        {t('backups.actions.restore')}
      </Button>
      <Menu position="bottom-end" width={200}>
        <Menu.Target>
          <Button variant="default">{t('backups.columns.actions')}</Button>
        </Menu.Target>
        <Menu.Dropdown>
          <ChangingItems backup={backup} onRename={() => setOpen('rename')} onDelete={() => setOpen('delete')} />
        </Menu.Dropdown>
      </Menu>
      <RenameDialog backup={open === 'rename' ? backup : null} onClose={close} />
      <DeleteDialog backups={open === 'delete' ? [backup] : []} onClose={close} onDeleted={() => navigate('/')} />
    </>
  );
};
