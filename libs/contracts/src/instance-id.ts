/** Where one PawVault serves one instance. Queue names, locks and state paths carry the instance id from the start. */
export const DEFAULT_INSTANCE_ID = 'default';

/** Safe in queue names (BullMQ forbids `:`), file names and Kubernetes names. */
export const isInstanceId = (value: unknown): value is string =>
  typeof value === 'string' && /^[a-z0-9][a-z0-9-]{0,31}$/.test(value);
