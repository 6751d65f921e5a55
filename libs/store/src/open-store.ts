import { BackupStore } from './backup-store';
import type { Store, StoreOptions } from './store';

/** Opens nothing and creates nothing: a backup directory that does not exist yet is an empty one. */
export const openStore = (options: StoreOptions): Store => new BackupStore(options);
