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
import { notifyProblem } from '../widgets/notify';
import { exportProps } from './export-props';

export interface BackupActionsProps {
  backup: BackupSummary;
  onRename: (backup: BackupSummary) => void;
  onDelete: (backup: BackupSummary) => void;
}

/** Everything that can be done with one backup. */
export const BackupActions = ({ backup, onRename, onDelete }: BackupActionsProps) => {
  const { t } = useTranslation();
  const verify = useVerify();
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
        <Menu.Item component={Link} href={`${address}/restore`} leftSection={<IconRestore size={16} aria-hidden />}>
          {t('backups.actions.restore')}
        </Menu.Item>
        <Menu.Item component={Link} href={address} leftSection={<IconFileInfo size={16} aria-hidden />}>
          {t('backups.actions.details')}
        </Menu.Item>
        <Menu.Item leftSection={<IconDownload size={16} aria-hidden />} component="a" {...exportProps(backup)}>
          {t('backups.actions.export')}
        </Menu.Item>
        <Menu.Item leftSection={<IconShieldCheck size={16} aria-hidden />} onClick={() => verify.mutate(backup.id)}>
          {t('backups.actions.verify')}
        </Menu.Item>
        <Menu.Item leftSection={<IconPencil size={16} aria-hidden />} onClick={() => onRename(backup)}>
          {t('backups.actions.rename')}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item color="red" leftSection={<IconTrash size={16} aria-hidden />} onClick={() => onDelete(backup)}>
          {t('backups.actions.delete')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
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
