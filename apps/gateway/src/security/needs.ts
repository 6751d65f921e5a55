import { type CanActivate, type ExecutionContext, Injectable, SetMetadata } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { type Role, roleSuffices } from '@pawvault/contracts';
import { AuditTrail } from '../audit/audit-trail';
import type { Request } from '../http';
import { pathOf } from '../requests/request-id';
import { demandRole, principalOf } from './principal';

const NEEDED_ROLE = 'pawvault:role';
/** For what tells nothing about anybody's data: whether the process lives. */
const EVERYBODY = 'everybody';

/** The least role that a route, or every route of a controller, may be called with. */
export const Needs = (role: Role): MethodDecorator & ClassDecorator => SetMetadata(NEEDED_ROLE, role);

/** A route that is answered without a token. */
export const ForEverybody = (): MethodDecorator & ClassDecorator => SetMetadata(NEEDED_ROLE, EVERYBODY);

/** What a route says of itself, or its controller for it; undefined when both forgot. */
export const neededRole = (reflector: Reflector, targets: Parameters<Reflector['getAllAndOverride']>[1]): unknown =>
  reflector.getAllAndOverride(NEEDED_ROLE, targets);

/** Lets a request through to its route. A route that names no role lets nobody in; who is not let in is written down. */
@Injectable()
export class RoleGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly trail: AuditTrail,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const needed = neededRole(this.reflector, [context.getHandler(), context.getClass()]) as
      Role | typeof EVERYBODY | undefined;
    if (needed === EVERYBODY) return true;
    if (needed === undefined) throw new Error(`${context.getClass().name} says of no role that it may call`);
    const request = context.switchToHttp().getRequest<Request>();
    if (roleSuffices(principalOf(request).role, needed)) return true;
    const facts = { request, action: 'access.refuse', backupId: null } as const;
    await this.trail.after({
      ...facts,
      outcome: 'refused',
      code: 'FORBIDDEN',
      jobId: null,
      details: { needed, path: pathOf(request) },
    });
    demandRole(request, needed);
    return false;
  }
}
