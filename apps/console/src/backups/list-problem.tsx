import type { UseQueryResult } from '@tanstack/react-query';
import { ThrownAlert } from '../widgets/problem-alert';

/** A list that could not be refreshed is shown as it was, and says so. */
export const ListProblem = ({ query }: { query: Pick<UseQueryResult, 'isRefetchError' | 'error'> }) =>
  query.isRefetchError && <ThrownAlert error={query.error} />;
