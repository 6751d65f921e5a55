import type { Config } from '@pawvault/config';
import {
  acceptImport,
  checkImport,
  createBackup,
  type EngineDeps,
  inspectInstance,
  planBackupRestore,
  recoverInstance,
  renameBackup,
  restoreBackup,
  verifyBackup,
} from '@pawvault/engine';
import type { Handlers } from '@pawvault/queue';

/**
 * What this worker can do. A new kind of job gets its line here; without it, nothing compiles.
 * Jobs of the exclusive queue first recover the instance: another worker may have died in the middle of a restore since this one started.
 */
export const makeHandlers = (
  engine: EngineDeps,
  { quiesce, quiesceMs }: Pick<Config, 'quiesce' | 'quiesceMs'>,
): Handlers => ({
  'backup.create': async (payload, context) => {
    await recoverInstance(engine, context.signal);
    return createBackup(engine, payload, context);
  },
  'backup.verify': (payload, context) => verifyBackup(engine, payload, context),
  'backup.rename': (payload, context) => renameBackup(engine, payload, context),
  'backup.restore': async (payload, context) => {
    await recoverInstance(engine, context.signal);
    return restoreBackup(engine, payload, context, { quiesce, quiesceMs });
  },
  'restore.plan': (payload, context) => planBackupRestore(engine, payload, context),
  'import.check': (payload, context) => checkImport(engine, payload, context),
  'import.accept': (payload, context) => acceptImport(engine, payload, context),
  'instance.inspect': (_payload, context) => inspectInstance(engine, context),
});
