import { Center, Group, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';

/** Stands where there is nothing to show: says why, and what can be done about it. */
export const Nothing = (props: { title: string; text: string; icon?: ReactNode; children?: ReactNode }) => (
  <Center py={64}>
    <Stack align="center" gap="sm" maw={480} ta="center">
      {props.icon}
      <Title order={2} size="h3">
        {props.title}
      </Title>
      <Text c="dimmed">{props.text}</Text>
      {props.children !== undefined && <Group justify="center">{props.children}</Group>}
    </Stack>
  </Center>
);
