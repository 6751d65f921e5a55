import { Alert, Button, Code, Group, Stack, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { type Problem, problemOfThrown } from '../api/problem';

interface ProblemAlertProps {
  problem: Problem;
  /** Where trying again may help. */
  onRetry?: () => void;
}

/** What went wrong as a sentence, the next step, and for whoever helps the code and the request behind it. */
export const ProblemAlert = ({ problem, onRetry }: ProblemAlertProps) => {
  const { t } = useTranslation();
  const fields = fieldsOf(problem);
  return (
    <Alert
      color="red"
      variant="light"
      role="alert"
      icon={<IconAlertTriangle aria-hidden />}
      title={t(`errors.${problem.code}.title`)}
    >
      <Stack gap="xs" align="flex-start">
        <Text size="sm">{t(`errors.${problem.code}.remedy`)}</Text>
        {problem.detail !== '' && (
          <Text size="sm" className="any-break" lang="en">
            {problem.detail}
          </Text>
        )}
        {fields !== '' && <Code className="any-break">{fields}</Code>}
        <Group gap="sm">
          {onRetry && (
            <Button size="compact-sm" color="red" variant="outline" onClick={onRetry}>
              {t('app.retry')}
            </Button>
          )}
          <Text size="xs" className="any-break">
            {problem.code}
            {problem.requestId !== null && ` · ${problem.requestId}`}
          </Text>
        </Group>
      </Stack>
    </Alert>
  );
};

/** The same for whatever was thrown. */
export const ThrownAlert = ({ error, ...rest }: { error: unknown } & Omit<ProblemAlertProps, 'problem'>) => (
  <ProblemAlert problem={problemOfThrown(error)} {...rest} />
);

function fieldsOf({ details }: Problem): string {
  const { fields } = details;
  return Array.isArray(fields) ? fields.join(', ') : '';
}
