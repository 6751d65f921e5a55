import { Center, Loader } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { ThrownAlert } from './problem-alert';

interface AnsweredProps<Data> {
  query: UseQueryResult<Data>;
  children: (data: Data) => ReactNode;
}

/** What was asked for; until then a sign that it is coming, or why it does not come. Data that is there stays when a refresh fails. */
export function Answered<Data>({ query, children }: AnsweredProps<Data>) {
  const { t } = useTranslation();
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.isError) return <ThrownAlert error={query.error} onRetry={() => void query.refetch()} />;
  return (
    <Center py={64}>
      <Loader role="status" aria-label={t('app.loading')} />
    </Center>
  );
}
