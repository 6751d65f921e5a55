import { Code, Group, List, Stack, Text, ThemeIcon, Title } from '@mantine/core';
import { IconCheck, IconMinus, IconQuestionMark, IconX } from '@tabler/icons-react';
import type { ImportCheck } from '@pawvault/contracts';
import { useTranslation } from 'react-i18next';
import { problemOfView } from '../api/problem';
import { visibleName } from '../widgets/visible-name';
import { WarningText } from '../widgets/warning-list';

const SIGNS = {
  passed: { Icon: IconCheck, color: 'green.9' },
  failed: { Icon: IconX, color: 'red.9' },
  decision: { Icon: IconQuestionMark, color: 'orange.9' },
  skipped: { Icon: IconMinus, color: 'gray.7' },
} as const satisfies Record<ImportCheck['state'], unknown>;

/** Check by check, what was looked at and what was found. */
export const CheckReport = ({ report }: { report: readonly ImportCheck[] }) => {
  const { t } = useTranslation();
  if (report.length === 0) return null;
  return (
    <Stack gap="xs" component="section">
      <Title order={2} size="h4">
        {t('imports.report')}
      </Title>
      <List listStyleType="none" spacing="xs" size="sm">
        {report.map((check) => (
          <Check key={check.name} check={check} />
        ))}
      </List>
    </Stack>
  );
};

const Check = ({ check: { name, state, code, entry, message } }: { check: ImportCheck }) => {
  const { t } = useTranslation();
  const { Icon, color } = SIGNS[state];
  return (
    <List.Item>
      <Group gap="sm" wrap="nowrap" align="flex-start">
        <ThemeIcon size={22} radius="xl" color={color} role="img" aria-label={t(`imports.check_state.${state}`)}>
          <Icon size={14} aria-hidden />
        </ThemeIcon>
        <div>
          <Text size="sm">{t(`imports.check.${name}`)}</Text>
          {code !== null && state !== 'passed' && (
            <Text size="sm" c="dimmed" className="any-break">
              {t(`errors.${problemOfView({ code, message: '' }).code}.title`)}
              {entry !== null && (
                <>
                  {': '}
                  <Code>{visibleName(entry)}</Code>
                </>
              )}
            </Text>
          )}
          {code !== null && message !== null && state === 'passed' && (
            <Text size="sm" c="dimmed" component="div">
              <WarningText warning={{ code, message }} />
            </Text>
          )}
          {message !== null && state === 'failed' && (
            <Text size="xs" c="dimmed" lang="en" className="any-break">
              {`${message} (${code ?? ''})`}
            </Text>
          )}
        </div>
      </Group>
    </List.Item>
  );
};
