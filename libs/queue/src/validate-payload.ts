import 'reflect-metadata';
import { DomainError } from '@pawvault/contracts';
import type { JobPayload, JobType } from '@pawvault/contracts';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import type { ValidationError } from 'class-validator';
import { PAYLOAD_MODELS } from './payloads';

/**
 * The payload as a plain value, checked. Both ends of the queue ask this: the gateway before it adds a job, the worker
 * before it runs one, because the two may be of different versions.
 * @throws DomainError JOB_PAYLOAD_INVALID with the paths of the fields at fault, never their values
 */
export function validatePayload<T extends JobType>(type: T, payload: unknown): JobPayload<T> {
  const fields = isPlainObject(payload) ? faults(type, payload) : ['payload'];
  if (fields.length > 0) {
    throw new DomainError('JOB_PAYLOAD_INVALID', `The payload of ${type} is not valid: ${fields.join(', ')}`, {
      type,
      fields,
    });
  }
  return payload as JobPayload<T>;
}

function faults(type: JobType, payload: object): string[] {
  const model = plainToInstance(PAYLOAD_MODELS[type], payload);
  const errors = validateSync(model, { whitelist: true, forbidNonWhitelisted: true, forbidUnknownValues: false });
  return [...errors.flatMap((error) => pathsOf(error)), ...dropped(payload, model)];
}

/** class-transformer leaves out `constructor`, `__proto__` and their like without a word; they are refused all the same. */
function dropped(payload: object, model: object, prefix = ''): string[] {
  return Object.entries(payload).flatMap(([key, value]) => {
    if (!Object.hasOwn(model, key)) return [`${prefix}${key}`];
    const counterpart: unknown = model[key as keyof object];
    return isPlainObject(value) && isPlainObject(counterpart) ? dropped(value, counterpart, `${prefix}${key}.`) : [];
  });
}

function pathsOf({ property, constraints, children }: ValidationError, prefix = ''): string[] {
  const path = `${prefix}${property}`;
  return [...(constraints ? [path] : []), ...(children ?? []).flatMap((child) => pathsOf(child, `${path}.`))];
}

const isPlainObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
