import { QwenpawAgentsController } from './agents.controller';
import { QwenpawBackupsController } from './backups.controller';
import { CreationDesk } from './creation';
import { QwenpawCreationController } from './creation.controller';
import { QwenpawImportController } from './import.controller';
import { QwenpawJobsController } from './jobs.controller';
import { QwenpawRestoreController } from './restore.controller';

/** In the order in which they are asked: fixed paths before `/api/backups/{id}`. */
export const QWENPAW_CONTROLLERS = [
  QwenpawCreationController,
  QwenpawJobsController,
  QwenpawImportController,
  QwenpawBackupsController,
  QwenpawRestoreController,
  QwenpawAgentsController,
];

export const QWENPAW_PROVIDERS = [CreationDesk];
