import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { QueryClientProvider } from '@tanstack/react-query';
import { Crash } from './crash';
import { Layout } from './layout';
import { queryClient } from './query-client';
import { Routes } from './routes';
import { readableColors, theme } from './theme';
import { TokenGate } from './token-gate';

export const App = () => (
  <MantineProvider theme={theme} cssVariablesResolver={readableColors} defaultColorScheme="auto">
    <Notifications position="bottom-right" />
    <Crash>
      <QueryClientProvider client={queryClient}>
        <Layout>
          <TokenGate>
            <Routes />
          </TokenGate>
        </Layout>
      </QueryClientProvider>
    </Crash>
  </MantineProvider>
);
