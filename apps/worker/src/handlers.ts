import { createBackup, type EngineDeps, inspectInstance, renameBackup, verifyBackup } from '@pawvault/engine';
import type { Handlers } from '@pawvault/queue';

/** What this worker can do. A new kind of job gets its line here; without it, nothing compiles. */
export const makeHandlers = (engine: EngineDeps): Handlers => ({
  'backup.create': (payload, context) => createBackup(engine, payload, context),
  'backup.verify': (payload, context) => verifyBackup(engine, payload, context),
  'backup.rename': (payload, context) => renameBackup(engine, payload, context),
  'instance.inspect': (_payload, context) => inspectInstance(engine, context),
});
