import { ScrollArea } from '@mantine/core';
import type { ReactNode } from 'react';

interface ScrollBoxProps {
  /** Names it for who cannot see that it scrolls. */
  label: string;
  /** In pixels; what is shorter does not scroll. */
  maxHeight: number;
  children: ReactNode;
}

/** A part of a page that scrolls by itself, with the keyboard too. */
export const ScrollBox = ({ label, maxHeight, children }: ScrollBoxProps) => (
  <ScrollArea.Autosize
    mah={maxHeight}
    w="100%"
    type="auto"
    offsetScrollbars="present"
    viewportProps={{ tabIndex: 0, role: 'group', 'aria-label': label }}
  >
    {children}
  </ScrollArea.Autosize>
);
