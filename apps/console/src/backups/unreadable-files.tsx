import { Alert, List, Stack, Text } from '@mantine/core';
import { IconFileAlert } from '@tabler/icons-react';
import type { DuplicateArchive, InvalidBackup } from '@pawvault/contracts';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { problemOfView } from '../api/problem';
import { useFormats } from '../widgets/formats';

interface UnreadableFilesProps {
  invalid: readonly InvalidBackup[];
  duplicates: readonly DuplicateArchive[];
}

/** Files of the backup directory that are no backups, or second ones: named with their reason, and never touched. */
export const UnreadableFiles = ({ invalid, duplicates }: UnreadableFilesProps) => {
  const { t } = useTranslation();
  const formats = useFormats();
  return (
    <Stack gap="sm">
      {invalid.length > 0 && (
        <Notice title={t('backups.unreadable.title', { count: invalid.length })} text={t('backups.unreadable.text')}>
          {invalid.map(({ file_name, size, modified_at, code, reason }) => {
            const problem = problemOfView({ code, message: reason });
            return (
              <List.Item key={file_name}>
                <b className="any-break">{file_name}</b>
                <Text size="sm">{`${t(`errors.${problem.code}.title`)}. ${t(`errors.${problem.code}.remedy`)}`}</Text>
                <Text size="xs" c="dimmed">
                  {`${formats.bytes(size)} · ${t('backups.unreadable.modified', { at: formats.instant(modified_at) })} · ${code}`}
                </Text>
              </List.Item>
            );
          })}
        </Notice>
      )}
      {duplicates.length > 0 && (
        <Notice title={t('backups.duplicates.title', { count: duplicates.length })} text={t('backups.duplicates.text')}>
          {duplicates.map(({ file_name, id, size }) => (
            <List.Item key={file_name}>
              <b className="any-break">{file_name}</b>
              <Text size="xs" c="dimmed" className="any-break">
                {`${formats.bytes(size)} · ${t('backups.duplicates.of', { id })}`}
              </Text>
            </List.Item>
          ))}
        </Notice>
      )}
    </Stack>
  );
};

const Notice = ({ title, text, children }: { title: string; text: string; children: ReactNode }) => (
  <Alert color="orange" variant="light" icon={<IconFileAlert aria-hidden />} title={title}>
    <Text size="sm" mb="xs">
      {text}
    </Text>
    <List size="sm" spacing="xs">
      {children}
    </List>
  </Alert>
);
