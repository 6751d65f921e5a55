export { app } from './en/app';
export { backups } from './en/backups';
export { create } from './en/create';
export { details } from './en/details';
export { errors } from './en/errors';
export { jobs } from './en/jobs';
export { warnings } from './en/warnings';
