import { ActionIcon, Menu } from '@mantine/core';
import {
  IconDots,
  IconDownload,
  IconFileInfo,
  IconPencil,
  IconRestore,
  IconShieldCheck,
  IconTrash,
} from '@tabler/icons-react';
import type { BackupSummary } from '@pawvault/contracts';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'wouter';
import { verifyBackup } from '../api/actions';
import { Allowed } from '../widgets/allowed';
import { notifyProblem } from '../widgets/notify';
import { exporter, exportProps } from './export-props';

export interface BackupActionsProps {
  backup: BackupSummary;
  onRename: (backup: BackupSummary) => void;
  onDelete: (backup: BackupSummary) => void;
}

/** Everything that can be done with one backup. */
export const BackupActions = ({ backup, onRename, onDelete }: BackupActionsProps) => {
  const { t } = useTranslation();
  const address = `/backups/${encodeURIComponent(backup.id)}`;
  return (
    <Menu position="bottom-end" width={200}>
      <Menu.Target>
        <ActionIcon
          variant="subtle"
          color="gray"
          c="inherit"
          size="lg"
          aria-label={t('backups.actions_of', { name: backup.name })}
        >
          <IconDots size={18} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Allowed to="operator">
          <Menu.Item component={Link} href={`${address}/restore`} leftSection={<IconRestore size={16} aria-hidden />}>
            {t('backups.actions.restore')}
          </Menu.Item>
        </Allowed>
        <Menu.Item component={Link} href={address} leftSection={<IconFileInfo size={16} aria-hidden />}>
          {t('backups.actions.details')}
        </Menu.Item>
        <ChangingItems backup={backup} onRename={() => onRename(backup)} onDelete={() => onDelete(backup)} />
      </Menu.Dropdown>
    </Menu>
  );
};

interface ChangingItemsProps {
  backup: Pick<BackupSummary, 'id' | 'name' | 'scope'>;
  onRename: () => void;
  onDelete: () => void;
}

/** What more than looking can be done with a backup, as items of a menu, as far as the reader's role allows it. */
export const ChangingItems = ({ backup, onRename, onDelete }: ChangingItemsProps) => {
  const { t } = useTranslation();
  const verify = useVerify();
  return (
    <>
      <Allowed to={exporter(backup)}>
        <Menu.Item component="a" {...exportProps(backup)} leftSection={<IconDownload size={16} aria-hidden />}>
          {t('backups.actions.export')}
        </Menu.Item>
      </Allowed>
      <Allowed to="operator">
        <Menu.Item leftSection={<IconShieldCheck size={16} aria-hidden />} onClick={() => verify.mutate(backup.id)}>
          {t('backups.actions.verify')}
        </Menu.Item>
        <Menu.Item leftSection={<IconPencil size={16} aria-hidden />} onClick={onRename}>
          {t('backups.actions.rename')}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item color="red" leftSection={<IconTrash size={16} aria-hidden />} onClick={onDelete}>
          {t('backups.actions.delete')}
        </Menu.Item>
      </Allowed>
    </>
  );
};

/** Starts a verification and leads to its job, which shows what it finds. */
export function useVerify() {
  const [, navigate] = useLocation();
  return useMutation({
    mutationFn: verifyBackup,
    onSuccess: ({ id }) => navigate(`/jobs/${encodeURIComponent(id)}`),
    onError: notifyProblem,
  });
}
