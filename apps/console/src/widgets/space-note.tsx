import { Alert, Text } from '@mantine/core';
import type { InstanceView } from '@pawvault/contracts';
import { useTranslation } from 'react-i18next';
import { fitsSurely } from '../create/create-form';
import { useFormats } from './formats';

interface SpaceNoteProps {
  /** Bytes that a backup will read. Its archive is smaller, by how much only packing tells. */
  bytes: number;
  instance: Pick<InstanceView, 'backup_dir_free_bytes'>;
}

/** What a backup will read, and whether it surely fits into the backup directory. */
export const SpaceNote = ({ bytes, instance }: SpaceNoteProps) => {
  const { t } = useTranslation();
  const formats = useFormats();
  return (
    <div>
      <Text size="sm" c="dimmed">
        {t('create.estimate', { bytes: formats.bytes(bytes) })}{' '}
        {t('create.free', { bytes: formats.bytes(instance.backup_dir_free_bytes) })}
      </Text>
      {!fitsSurely(bytes, instance) && (
        <Alert color="yellow" mt="xs" role="status">
          {t('create.tight')}
        </Alert>
      )}
    </div>
  );
};
