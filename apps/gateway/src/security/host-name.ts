import { isLoopback } from '@pawvault/config';

/** The name in a Host header, lower case, without port, brackets and closing dot; null when the header is malformed. */
export function hostName(header: string | undefined): string | null {
  const match = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{1,5})?$/i.exec(header ?? '');
  return (match?.[1] ?? match?.[2])?.toLowerCase().replace(/\.$/, '') ?? null;
}

/** True for loopback names and those that the configuration adds. */
export function isAllowedHost(header: string | undefined, allowed: readonly string[]): boolean {
  const name = hostName(header);
  return name !== null && (isLoopback(name) || allowed.includes(name));
}
