import { Group, Text } from '@mantine/core';
import type { ReactNode } from 'react';

interface OptionTextProps {
  /** What shows whether it is chosen. */
  indicator: ReactNode;
  label: string;
  text: ReactNode;
}

/** What stands in a card that can be chosen. */
export const OptionText = ({ indicator, label, text }: OptionTextProps) => (
  <Group wrap="nowrap" align="flex-start">
    {indicator}
    <div>
      <Text size="sm" fw={500}>
        {label}
      </Text>
      <Text size="sm" c="dimmed">
        {text}
      </Text>
    </div>
  </Group>
);
