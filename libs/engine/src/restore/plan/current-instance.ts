import { stat } from 'node:fs/promises';
import { DomainError, type InstanceDirectories, type JobWarning, type RestoreMode } from '@pawvault/contracts';
import { isPresent, type Owner } from '@pawvault/durable-fs';
import type { LosslessJson } from '@pawvault/archive';
import { configRepaired, describeFault } from '../../instance/config-warnings';
import { type JsonDocument, UnreadableJson } from '../../instance/json/json-document';
import type { JsonFault } from '../../instance/json/json-fault';
import { readSettledDocument } from '../../instance/json/read-settled';
import { invalidConfig, type Registry, registryOf } from '../../instance/registry';
import { realPlace } from './place';

/** The instance as it is before a restore, all from one reading of its config.json. */
export interface CurrentInstance {
  directories: InstanceDirectories;
  registry: Registry;
  /** null where there is none, or none that can be read. */
  config: JsonDocument | null;
  configState: 'read' | 'unreadable' | 'missing';
  /** Real path of config.json, which may be a link. */
  configPath: string;
  /** Mode and owner of the file; null where there is none. */
  configStat: (Owner & { mode: number }) | null;
  warnings: JobWarning[];
}

/**
 * Reads what a restore builds on. A full restore replaces config.json and so may go ahead without a sound one; the agents' directories are
 * then not known.
 * @throws DomainError INSTANCE_NOT_FOUND; INSTANCE_CONFIG_INVALID in custom mode when config.json is missing or cannot be parsed
 */
export async function readCurrentInstance(
  directories: InstanceDirectories,
  mode: RestoreMode,
): Promise<CurrentInstance> {
  const working = await stat(directories.working_dir).catch(() => null);
  // A full restore makes an instance where there is none.
  const isAbsent = working === null && mode === 'full' && !(await isPresent(directories.working_dir));
  if (!isAbsent && !working?.isDirectory())
    throw new DomainError('INSTANCE_NOT_FOUND', undefined, { working_dir: directories.working_dir });
  const path = directories.config_file;
  const found = await readSettledDocument(path, 'follow');
  if (mode === 'custom') requireConfig(path, found);
  const config = found instanceof UnreadableJson ? null : found;
  const configStat = await stat(path).catch(() => null);
  return {
    directories,
    registry: await registryOf(config?.root ?? new Map<string, LosslessJson>(), directories.working_dir, 'error'),
    config,
    configState: found === null ? 'missing' : config === null ? 'unreadable' : 'read',
    configStat,
    configPath: await realPlace(path),
    warnings: warningsOf(path, found),
  };
}

/** A custom restore changes the config.json that is there. */
function requireConfig(path: string, found: JsonDocument | UnreadableJson | null): void {
  if (found === null) throw new DomainError('INSTANCE_CONFIG_INVALID', undefined, { path });
  if (found instanceof UnreadableJson) throw invalidConfig(path, found.fault);
}

function warningsOf(path: string, found: JsonDocument | UnreadableJson | null): JobWarning[] {
  if (found === null || found.fault === null) return [];
  return [found instanceof UnreadableJson ? unreadable(path, found.fault) : configRepaired({ path }, found.fault)];
}

const unreadable = (path: string, fault: JsonFault): JobWarning => ({
  code: 'CURRENT_CONFIG_UNREADABLE',
  message: `${describeFault({ path }, fault)}; where the agents of the instance live is not known, and the file is replaced`,
  details: { path, ...fault },
});
