/**
 * Who may do what, from the least to the most. viewer: sees what there is, and no content; operator: makes, verifies, exports and restores
 * what holds no secrets; admin: also secrets, full restores and the audit log. Each may do what those before it may.
 */
export const ROLES = ['viewer', 'operator', 'admin'] as const;
export type Role = (typeof ROLES)[number];

export const isRole = (value: unknown): value is Role => ROLES.some((role) => role === value);

export const roleSuffices = (role: Role, needed: Role): boolean => ROLES.indexOf(role) >= ROLES.indexOf(needed);
