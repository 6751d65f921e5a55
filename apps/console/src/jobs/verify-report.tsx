import { Alert, Code, List, Stack, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { VerifyResult } from '@pawvault/contracts';
import { useTranslation } from 'react-i18next';
import { problemOfView } from '../api/problem';
import { Success } from '../widgets/success';
import { visibleName } from '../widgets/visible-name';

export const VerifyReport = ({ result }: { result: VerifyResult }) => {
  const { t } = useTranslation();
  const counted = t('details.verification.entries', { count: result.entries });
  const trust = t(`backups.trust.${result.trust}`);
  if (result.state === 'ok') {
    return (
      <Success title={t('details.verification.ok')}>
        <Text size="sm">{`${counted} · ${trust}`}</Text>
      </Success>
    );
  }
  return (
    <Alert color="red" role="alert" icon={<IconAlertTriangle aria-hidden />} title={t('details.verification.damaged')}>
      <Stack gap="xs">
        <Text size="sm">{`${counted} · ${t('details.verification.problems', { count: result.problem_count })}`}</Text>
        <List size="sm" spacing={4}>
          {result.problems.map(({ code, path, message }, index) => (
            <List.Item key={index}>
              <Code className="any-break">
                {path === null ? t('details.verification.whole_archive') : visibleName(path)}
              </Code>{' '}
              {t(`errors.${problemOfView({ code, message }).code}.title`)}
              <Text size="xs" c="dimmed" lang="en" className="any-break">
                {message}
              </Text>
            </List.Item>
          ))}
        </List>
      </Stack>
    </Alert>
  );
};
