import { type Role, roleSuffices } from '@pawvault/contracts';
import type { ReactNode } from 'react';
import { useSession } from '../api/queries';

/** Whether the reader's token suffices. While nobody knows it does: the gateway has the last word anyway. */
export function useMay(needed: Role): boolean {
  const { data } = useSession();
  return data === undefined || roleSuffices(data.role, needed);
}

/** Offers something only to whom it would not be refused. */
export const Allowed = ({ to, children }: { to: Role; children: ReactNode }) => (useMay(to) ? <>{children}</> : null);
