import { Button, Code, Container, Stack, Text, Title } from '@mantine/core';
import i18next from 'i18next';
import { Component, type ReactNode } from 'react';

interface Props {
  children: ReactNode;
}

/** What is left when the page itself fails. It can only say so: jobs and backups live elsewhere. */
export class Crash extends Component<Props, { error: unknown }> {
  override state = { error: null };

  static getDerivedStateFromError(error: unknown): { error: unknown } {
    return { error };
  }

  override render(): ReactNode {
    if (this.state.error === null) return this.props.children;
    return (
      <Container size="sm" py="xl" role="alert">
        <Stack align="flex-start">
          <Title order={1}>{i18next.t('app.crashed.title')}</Title>
          <Text>{i18next.t('app.crashed.text')}</Text>
          <Code block>{String(this.state.error)}</Code>
          <Button onClick={() => location.reload()}>{i18next.t('app.crashed.action')}</Button>
        </Stack>
      </Container>
    );
  }
}
