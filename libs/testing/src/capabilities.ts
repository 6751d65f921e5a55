import { readFileSync } from 'node:fs';
import { geteuid } from 'node:process';

/** Bits of `CapEff` in /proc/self/status, from linux/capability.h. */
const BITS = {
  chown: 0,
  dac_override: 1,
  fowner: 3,
  linux_immutable: 9,
  sys_admin: 21,
  mknod: 27,
} as const;

export type Capability = keyof typeof BITS;

/**
 * Whether this process has these capabilities in effect. Specs ask when they are loaded and choose their tests by the answer:
 * root without capabilities, as in the containers, is refused what root on a developer's machine is not.
 * On a system without capabilities, root has all of them.
 */
export function hasCapabilities(...names: Capability[]): boolean {
  const effective = effectiveCapabilities();
  if (effective === null) return geteuid?.() === 0;
  return names.every((name) => (effective >> BigInt(BITS[name])) % 2n === 1n);
}

function effectiveCapabilities(): bigint | null {
  if (process.platform !== 'linux') return null;
  const [, digits] = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return digits === undefined ? null : BigInt(`0x${digits}`);
}
