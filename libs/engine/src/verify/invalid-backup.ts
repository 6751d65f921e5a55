import { DomainError, type VerifyProblem } from '@pawvault/contracts';

/** Why a backup cannot be used, told as the store tells it: `reason` is the code of the problem, `entry` the place. */
export const invalidBackup = ({ code, path, message }: VerifyProblem, count = 1): DomainError =>
  new DomainError('BACKUP_INVALID', message, {
    reason: code,
    ...(path === null ? {} : { entry: path }),
    problem_count: count,
  });
