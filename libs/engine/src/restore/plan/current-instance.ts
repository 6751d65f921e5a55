import { realpath, stat } from 'node:fs/promises';
import { DomainError, type InstanceDirectories, type JobWarning, type RestoreMode } from '@pawvault/contracts';
import { isPresent } from '@pawvault/durable-fs';
import { readSettledJson, type Registry, registryOf } from '../../instance/registry';
import { type JsonDocument, parseDocument } from './config-document';

/** The instance as it is before a restore, all from one reading of its config.json. */
export interface CurrentInstance {
  directories: InstanceDirectories;
  registry: Registry;
  /** null where there is none, or none that can be read. */
  config: JsonDocument | null;
  configState: 'read' | 'unreadable' | 'missing';
  /** Real path of config.json, which may be a link. */
  configPath: string;
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
  if (!working?.isDirectory())
    throw new DomainError('INSTANCE_NOT_FOUND', undefined, { working_dir: directories.working_dir });
  const config = await readConfig(directories.config_file);
  if (config === null && mode === 'custom')
    throw new DomainError('INSTANCE_CONFIG_INVALID', undefined, { path: directories.config_file });
  const registry = await registryOf(
    config === null ? {} : JSON.parse(config.bytes.toString('utf8')),
    directories.working_dir,
    'error',
  );
  const present = await stat(directories.config_file).then(
    () => true,
    () => false,
  );
  const configState = config !== null ? 'read' : present ? 'unreadable' : 'missing';
  return {
    directories,
    registry,
    config,
    configState,
    configPath: (await isPresent(directories.config_file))
      ? await realpath(directories.config_file)
      : directories.config_file,
    warnings: configState === 'unreadable' ? [unreadable(directories.config_file)] : [],
  };
}

async function readConfig(path: string): Promise<JsonDocument | null> {
  try {
    const read = await readSettledJson(path);
    return read === null ? null : parseDocument(read.bytes);
  } catch (error) {
    if (error instanceof DomainError && error.code === 'INSTANCE_CONFIG_INVALID') return null;
    throw error;
  }
}

const unreadable = (path: string): JobWarning => ({
  code: 'CURRENT_CONFIG_UNREADABLE',
  message: 'The config.json of the instance cannot be read; where its agents live is not known, and it is replaced',
  details: { path },
});
