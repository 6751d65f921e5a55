import { Alert } from '@mantine/core';
import { IconCircleCheck } from '@tabler/icons-react';
import type { ReactNode } from 'react';

/** Good news, with what to do next. */
export const Success = ({ title, children }: { title: string; children?: ReactNode }) => (
  <Alert color="green" variant="light" role="status" icon={<IconCircleCheck aria-hidden />} title={title}>
    {children}
  </Alert>
);
