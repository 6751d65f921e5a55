import { Alert, Button, Container, Paper, PasswordInput, Stack, Text, Title } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { token } from '../api/client';

/** Asks for a token once the gateway has answered that it wants one, and then shows the page that was asked for. */
export const TokenGate = ({ children }: { children: ReactNode }) => {
  const demand = useSyncExternalStore(token.subscribe, token.demand);
  return demand === null ? <>{children}</> : <TokenPrompt refused={demand === 'refused'} />;
};

const TokenPrompt = ({ refused }: { refused: boolean }) => {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [value, setValue] = useState('');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    // What was answered without it, or with another, may not be all that this one may see.
    queries.clear();
    token.set(value.trim());
  };
  return (
    <Container size="xs" py={64}>
      <Paper withBorder p="lg">
        <form onSubmit={submit}>
          <Stack>
            <Title order={1} size="h3">
              {t('app.token.title')}
            </Title>
            <Text size="sm">{t('app.token.text')}</Text>
            {refused && (
              <Alert color="red" role="alert">
                {t('app.token.refused')}
              </Alert>
            )}
            <PasswordInput
              label={t('app.token.label')}
              value={value}
              onChange={(event) => setValue(event.currentTarget.value)}
              autoComplete="off"
              data-autofocus
              required
            />
            <Button type="submit" disabled={value.trim() === ''}>
              {t('app.token.submit')}
            </Button>
          </Stack>
        </form>
      </Paper>
    </Container>
  );
};
