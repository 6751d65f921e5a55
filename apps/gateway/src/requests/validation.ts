import { ValidationPipe } from '@nestjs/common';
import { DomainError } from '@pawvault/contracts';
import type { ValidationError } from 'class-validator';

const REPORTED = 20;

/** Bodies and queries become instances of their class; fields that the class does not name are refused. */
export const requestValidation = (): ValidationPipe =>
  new ValidationPipe({
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    validationError: { target: false, value: false },
    exceptionFactory: (errors) => {
      const faults = errors.flatMap((error) => faultsOf(error)).slice(0, REPORTED);
      return new DomainError('VALIDATION_FAILED', faults.map(({ message }) => message).join('; ') || undefined, {
        fields: faults.map(({ field }) => field),
      });
    },
  });

interface Fault {
  field: string;
  message: string;
}

function faultsOf({ property, constraints, children }: ValidationError, prefix = ''): Fault[] {
  const field = `${prefix}${property}`.slice(0, 200);
  const messages = Object.values(constraints ?? {}).slice(0, 1);
  const own = messages.map((message) => ({ field, message: `${prefix}${message}`.slice(0, 300) }));
  return [...own, ...(children ?? []).flatMap((child) => faultsOf(child, `${field}.`))];
}
