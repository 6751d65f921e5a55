export { app } from './zh/app';
export { backups } from './zh/backups';
export { create } from './zh/create';
export { details } from './zh/details';
export { errors } from './zh/errors';
export { jobs } from './zh/jobs';
export { warnings } from './zh/warnings';
