import { Alert, List, Text } from '@mantine/core';
import { IconInfoCircle } from '@tabler/icons-react';
import type { JobWarning } from '@pawvault/contracts';
import { useTranslation } from 'react-i18next';
import { warnings as texts } from '../i18n/en/warnings';

/** What the reader should know although nothing failed. The server's own words name the path. */
export const WarningList = ({ warnings }: { warnings: readonly JobWarning[] }) => {
  const { t } = useTranslation();
  if (warnings.length === 0) return null;
  return (
    <Alert color="yellow" variant="light" icon={<IconInfoCircle aria-hidden />} title={t('jobs.warnings')}>
      <List size="sm" spacing="xs">
        {warnings.map((warning, index) => (
          <List.Item key={index}>
            <WarningText warning={warning} />
          </List.Item>
        ))}
      </List>
    </Alert>
  );
};

export const WarningText = ({ warning: { code, message } }: { warning: JobWarning }) => {
  const { t } = useTranslation();
  return (
    <>
      {isKnown(code) ? t(`warnings.${code}`) : code}
      <Text size="sm" c="dimmed" className="any-break" lang="en">
        {message}
      </Text>
    </>
  );
};

const isKnown = (code: string): code is keyof typeof texts => Object.hasOwn(texts, code);
