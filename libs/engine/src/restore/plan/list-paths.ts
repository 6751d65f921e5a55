import { basename } from 'node:path';
import type { PlannedPath } from '@pawvault/contracts';
import type { CurrentInstance } from './current-instance';
import type { MeasuredTarget } from './measure-targets';
import type { MergedConfig } from './merge-config';
import type { Wanted } from './resolve-request';

export interface Listed {
  wanted: Wanted;
  current: CurrentInstance;
  config: MergedConfig;
  measured: readonly MeasuredTarget[];
}

/** Every path that a restore touches, by module as MODULES has them, by agent in the order of the plan, by path. */
export function listPaths({ wanted, current, config, measured }: Listed): PlannedPath[] {
  const settings = wanted.modules.global_config === 'restore' ? configPath(current, config) : [];
  const agents = measured.filter(({ target }) => target.kind === 'agent');
  const others = measured.filter(({ target }) => target.kind !== 'agent');
  const pathsOf = (targets: readonly MeasuredTarget[]): PlannedPath[] => targets.flatMap(({ paths }) => paths);
  return [...pathsOf(agents), ...settings, ...pathsOf(others)];
}

/** The one file of the global settings, unless it stays as it is. */
function configPath({ configPath: path, config: before }: CurrentInstance, { bytes }: MergedConfig): PlannedPath[] {
  if (before !== null && (bytes === null || bytes.equals(before.bytes))) return [];
  const change = before === null ? 'added' : 'changed';
  const none = { agent: null, reason: null, detail: null, kept_as: null };
  return [{ module: 'global_config', path: basename(path), change, ...none }];
}
