import { DomainError, type Role, roleSuffices } from '@pawvault/contracts';
import type { Request } from '../http';

/** Who sends a request: the token that it carries, or `local` where none is needed. */
export interface Principal {
  name: string;
  role: Role;
}

/** Without tokens the port is on loopback, and who can reach it owns the files anyway. */
export const LOCAL: Principal = Object.freeze({ name: 'local', role: 'admin' });

const principals = new WeakMap<object, Principal>();

export function identify(request: Request, principal: Principal): void {
  principals.set(request, principal);
}

export const isIdentified = (request: Request): boolean => principals.has(request);

/** @throws DomainError UNAUTHORIZED for a request that no middleware has identified: better a refusal than a guess */
export function principalOf(request: Request): Principal {
  const principal = principals.get(request);
  if (principal === undefined) throw new DomainError('UNAUTHORIZED');
  return principal;
}

/** For what only the content of a request or of a backup can tell. @throws DomainError FORBIDDEN */
export function demandRole(request: Request, needed: Role): void {
  const { role } = principalOf(request);
  if (!roleSuffices(role, needed)) throw new DomainError('FORBIDDEN', undefined, { role, needed });
}
