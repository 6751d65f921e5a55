import { createHmac, timingSafeEqual } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';
import { ensureSigningKey, loadSigningKey } from '@pawvault/archive';
import type { JournalAuthority, SwapJournal, SwapTarget } from '@pawvault/durable-fs';
import type { EngineDeps } from '../engine';
import { readRegistry } from '../instance/registry';
import { privateName } from './target-layout';

/** Keeps the seal of a journal from being taken for any other use of the key. */
const PURPOSE = 'pawvault-restore-journal-v2\n';

/**
 * Which journals of restores are ours. The journal lies in the working directory, where agents write, so it is sealed with the local signing
 * key, which lies with the backups.
 */
export function journalAuthority(deps: Pick<EngineDeps, 'directories'>): JournalAuthority {
  const { backup_dir: backupDir } = deps.directories;
  return {
    seal: async (text) => sealOf(await ensureSigningKey(backupDir), text),
    async isSealed(text, seal) {
      const key = await loadSigningKey(backupDir);
      if (key === null) return false;
      const [expected, given] = [Buffer.from(sealOf(key, text)), Buffer.from(seal)];
      return expected.length === given.length && timingSafeEqual(expected, given);
    },
    async refusal(journal) {
      if (journal.version === 1 && journal.targets.length === 0) return 'it has no seal and no target';
      for (const [i, target] of journal.targets.entries()) {
        const reason = formRefusal(journal, target, i);
        if (reason !== null) return reason;
        const place = await placeRefusal(deps, journal, target);
        if (place !== null) return place;
      }
      return null;
    },
  };
}

const sealOf = (key: Buffer, text: string): string =>
  `hmac-sha256:${createHmac('sha256', key).update(PURPOSE).update(text).digest('hex')}`;

/** Staged and old content lie where this program would have put them, and nowhere else. */
function formRefusal({ version, id }: SwapJournal, target: SwapTarget, index: number): string | null {
  if (!/^[0-9a-f]{8}$/.test(id)) return 'its id is none of ours';
  const area = target.kind === 'children' ? target.path : dirname(target.path);
  const own = join(area, privateName(id, index));
  const [staged, aside] = version === 1 ? [`${own}-new`, `${own}-old`] : [join(own, 'new'), join(own, 'old')];
  if (target.staged !== staged || target.aside !== aside)
    return `it names a directory that no restore makes: ${target.staged}`;
  const stray = target.made_parents.find((parent) => !target.path.startsWith(parent + sep));
  return stray === undefined ? null : `it names a parent that is none: ${stray}`;
}

/**
 * The backups are never a target, nor anything that holds them or the working directory. A journal without a seal is held to what
 * configuration and registry name.
 */
async function placeRefusal(
  { directories }: Pick<EngineDeps, 'directories'>,
  { version }: SwapJournal,
  { path, existed }: SwapTarget,
): Promise<string | null> {
  const backups = await real(directories.backup_dir);
  const working = await real(directories.working_dir);
  const reason = `it names a place that no restore replaces: ${path}`;
  if (path === backups || path.startsWith(backups + sep) || backups.startsWith(path + sep)) return reason;
  if (path === working || working.startsWith(path + sep)) return reason;
  if (version === 2 || dirname(path) === join(working, 'workspaces')) return null;
  // Rolled back, what did not exist is removed: a seal has to say so, but for agents where QwenPaw puts them.
  return existed && (await knownPlaces(directories)).has(path) ? null : reason;
}

async function knownPlaces(directories: EngineDeps['directories']): Promise<Set<string>> {
  const { working_dir, secret_dir, config_file } = directories;
  const registry = await readRegistry(directories);
  const agents = registry.agents.map(({ workspaceDir }) => workspaceDir);
  const places = [config_file, secret_dir, join(working_dir, 'skill_pool'), ...agents];
  return new Set(await Promise.all(places.map(real)));
}

/** The real path; for what is absent, that of the nearest directory above it and the names below. */
async function real(path: string): Promise<string> {
  const found = await realpath(path).catch(() => null);
  if (found !== null) return found;
  return dirname(path) === path ? path : join(await real(dirname(path)), basename(path));
}
