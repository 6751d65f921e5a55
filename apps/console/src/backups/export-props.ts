import type { BackupSummary, Role } from '@pawvault/contracts';
import i18next from 'i18next';
import { downloadProps } from '../widgets/download-props';
import { notify, notifyCaution } from '../widgets/notify';

/** The least role with which a backup may be exported. */
export const exporter = ({ scope }: Pick<BackupSummary, 'scope'>): Role =>
  scope.include_secrets ? 'admin' : 'operator';

/** For a link that exports a backup, and says so; with a word of caution when whoever gets the file can use what is in it. */
export const exportProps = ({ id, name, scope }: Pick<BackupSummary, 'id' | 'name' | 'scope'>) =>
  downloadProps(`/api/v1/backups/${encodeURIComponent(id)}/archive`, () => {
    const started = i18next.t('backups.export.started', { name });
    if (scope.include_secrets) notifyCaution(started, i18next.t('backups.export.secrets'));
    else notify(started);
  });
