import { QueryClient } from '@tanstack/react-query';
import { isPassing, problemOfThrown } from '../api/problem';

const RETRIES = 2;

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      // Whether the gateway can be reached is not what the browser thinks of the network: it may run on this very machine.
      networkMode: 'always',
      retry: (failures, error) => failures < RETRIES && isPassing(problemOfThrown(error)),
      staleTime: 2000,
    },
    mutations: { networkMode: 'always' },
  },
});
