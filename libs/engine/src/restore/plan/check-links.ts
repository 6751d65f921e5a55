import { existsSync, lstatSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { NotTheSameDirectory } from '@pawvault/durable-fs';
import { type RootTrust, trustOf } from '../../instance/source-root';
import { refuseDestination } from './check-destinations';
import type { CurrentInstance } from './current-instance';
import type { Destination } from './destinations';
import type { RestoreTarget } from './prepared-plan';

/**
 * A target may be reached through symbolic links, but not through one that another user has put there: it would be led into what is not that
 * user's, and be replaced there.
 * @throws DomainError RESTORE_DESTINATION_REFUSED (untrusted_link) with the link in `details.with`
 */
export function refuseUntrustedLinks(
  targets: readonly RestoreTarget[],
  { destinations, current }: { destinations: readonly Destination[]; current: CurrentInstance },
): void {
  const { working_dir, secret_dir, config_file } = current.directories;
  for (const { kind, id, destination } of targets) {
    const registered = destinations.find(({ agent }) => agent === id)?.workspaceDir ?? destination;
    const asked = { agent: registered, skill_pool: `${working_dir}/skill_pool`, secrets: secret_dir }[kind];
    refuseLink({ agent: id, path: resolve(asked), real: destination });
  }
  if (current.configPath !== config_file) refuseLink({ agent: null, path: config_file, real: current.configPath });
}

function refuseLink({ agent, path, real }: { agent: string | null; path: string; real: string }): void {
  // What is absent is made below the nearest directory that is there.
  let [at, realAt] = [path, real];
  for (; !existsSync(at) && dirname(at) !== at; at = dirname(at)) realAt = dirname(realAt);
  const trust = lookAt(at, realAt);
  if (!trust.trusted) throw refuseDestination('untrusted_link', { agent, path: real, with: trust.link });
}

function lookAt(path: string, real: string): RootTrust {
  try {
    return trustOf(path, lstatSync(real));
  } catch {
    // It is being exchanged at this moment.
    throw new NotTheSameDirectory(path);
  }
}
