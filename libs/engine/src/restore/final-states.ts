import { type DirectoryState, isLocked, parentPath, pathsAbove, type SwapKind } from '@pawvault/durable-fs';
import type { PlannedTarget } from './plan/prepared-plan';

export interface StagedDirectories {
  /** All directories of the new tree, as they are to be in the end. */
  directories: readonly DirectoryState[];
  kind: SwapKind;
  /** What the journal has noted of the target before. */
  before: readonly DirectoryState[];
}

/**
 * What can only be applied after the exchange: the time of directories that renames disturb, the mode of those that nothing could be moved
 * into or out of, and what the exchange took from carried directories.
 */
export function finalStates(
  planned: PlannedTarget,
  { directories, kind, before }: StagedDirectories,
): DirectoryState[] {
  const disturbed = new Set<string>(kind === 'children' ? [''] : []);
  for (const { to } of planned.inventory.carried) disturbed.add(parentPath(to));
  for (const { to } of planned.inventory.fixed) ['', ...pathsAbove(to)].forEach((path) => disturbed.add(path));
  const states = directories.filter((state) => disturbed.has(state.path) || isLocked(state));
  const known = new Set(directories.map(({ path }) => path));
  // A directory above a mount point that the archive lacks stays as it is.
  for (const path of disturbed) if (!known.has(path)) states.push(...stateOfLive(planned, path));
  for (const { from, to, isDirectory } of planned.inventory.carried) {
    const node = planned.live.nodes.get(from);
    if (isDirectory && node !== undefined && isLocked(node))
      states.push({ path: to, mode: node.mode, mtime_ms: node.mtimeMs });
  }
  return kind === 'children' ? states.map((state) => keepPolicy(state, before)) : states;
}

function stateOfLive({ live }: PlannedTarget, path: string): DirectoryState[] {
  const node = live.nodes.get(path);
  return node?.type === 'directory' ? [{ path, mode: node.mode, mtime_ms: node.mtimeMs }] : [];
}

/** Special bits of a directory that has to stay are the policy of the one who set up the volume, and no archive's. */
function keepPolicy(state: DirectoryState, before: readonly DirectoryState[]): DirectoryState {
  const former = state.path === '' ? before.find(({ path }) => path === '') : undefined;
  return former === undefined ? state : { ...state, mode: (former.mode & 0o7000) | (state.mode & 0o777) };
}
