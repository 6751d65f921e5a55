import { isInstanceId } from '@pawvault/contracts';
import {
  IsBoolean,
  IsIn,
  IsInt,
  IsOptional,
  IsUrl,
  Matches,
  Max,
  MaxLength,
  Min,
  Validate,
  ValidatorConstraint,
} from 'class-validator';
import type { ValidatorConstraintInterface } from 'class-validator';
import { isIP } from 'node:net';
import { areAccessTokens } from './access-tokens';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const HOST_NAME = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;
const isHost = (value: unknown): boolean => typeof value === 'string' && (isIP(value) !== 0 || HOST_NAME.test(value));

@ValidatorConstraint({ name: 'instanceId' })
class IsInstanceId implements ValidatorConstraintInterface {
  validate = isInstanceId;
  defaultMessage = (): string =>
    '$property must be 1 to 32 characters of a-z, 0-9 and hyphen, and not start with a hyphen';
}

@ValidatorConstraint({ name: 'host' })
class IsHost implements ValidatorConstraintInterface {
  validate = isHost;
  defaultMessage = (): string => '$property must be host names or IP addresses';
}

@ValidatorConstraint({ name: 'accessTokens' })
class AreAccessTokens implements ValidatorConstraintInterface {
  validate = areAccessTokens;
  defaultMessage = (): string =>
    '$property must be items of the form name:role:sha256, no name or digest twice; the role is viewer, operator or admin';
}

const PORT = { message: '$property must be a port, 0 to 65535' };
const COUNT = { message: '$property must be a whole number, 1 or more' };
const BYTES = { message: '$property must be a number of bytes, 1 or more, like 4096, 512K, 20M, 1G or 1T' };
const ADDRESS = { message: '$property must be an http or https address' };
const COMMAND = { message: '$property must be a command of 1 to 4096 characters' };
const FLAG = { message: '$property must be true or false' };

const HttpAddress = (): PropertyDecorator =>
  IsUrl({ protocols: ['http', 'https'], require_protocol: true, require_tld: false }, ADDRESS);

const ShellCommand = (): PropertyDecorator => Matches(/^[^\0]{1,4096}$/, COMMAND);

function WholeNumber(min: number, max: number, options: { message: string }): PropertyDecorator {
  return (target, key) => {
    for (const decorate of [IsInt(options), Min(min, options), Max(max, options)]) decorate(target, key);
  };
}

/** The parsed environment under the names of its variables, so that each complaint of the checks names its key. */
export class Environment {
  @MaxLength(100, { message: '$property must have 100 characters at most' })
  @Matches(/^[\x21-\x7e]+$/, { message: '$property must be printable characters without spaces' })
  @IsOptional()
  QWENPAW_VERSION: string | null = null;

  @HttpAddress()
  @IsOptional()
  QWENPAW_API_URL: string | null = null;

  @Validate(IsInstanceId)
  PAWVAULT_INSTANCE_ID!: string;

  @Validate(IsHost)
  PAWVAULT_HOST = '127.0.0.1';

  @WholeNumber(0, 65535, PORT)
  PAWVAULT_PORT = 8210;

  @Matches(/^[\x21-\x7e]{16,512}$/, { message: '$property must be 16 to 512 printable characters without spaces' })
  @IsOptional()
  PAWVAULT_TOKEN: string | null = null;

  @Validate(AreAccessTokens)
  PAWVAULT_TOKENS: string[] = [];

  @WholeNumber(0, 1_000_000, { message: '$property must be a whole number, 0 to 1000000' })
  PAWVAULT_RATE_LIMIT = 1200;

  @Validate(IsHost, { each: true })
  PAWVAULT_ALLOWED_HOSTS: string[] = [];

  @Validate(IsHost)
  PAWVAULT_WORKER_HOST = '127.0.0.1';

  @WholeNumber(0, 65535, PORT)
  @IsOptional()
  PAWVAULT_WORKER_PORT: number | null = null;

  @Matches(/^rediss?(\+sentinel)?:\/\/\S+$/, {
    message: '$property must be an address like redis://, rediss:// or redis+sentinel://',
  })
  @IsOptional()
  REDIS_URL: string | null = null;

  @WholeNumber(1, 256, { message: '$property must be a whole number, 1 to 256' })
  PAWVAULT_THREADS!: number;

  PAWVAULT_EXCLUDE: string[] = [];

  @IsBoolean(FLAG)
  PAWVAULT_EXCLUDE_DEFAULTS = true;

  @IsBoolean(FLAG)
  PAWVAULT_ONE_FILE_SYSTEM = false;

  @IsBoolean(FLAG)
  PAWVAULT_FOLLOW_OUTWARD_LINKS = false;

  @IsBoolean(FLAG)
  PAWVAULT_SERVE_SECRETS = false;

  @ShellCommand()
  @IsOptional()
  PAWVAULT_QUIESCE_COMMAND_BEFORE: string | null = null;

  @ShellCommand()
  @IsOptional()
  PAWVAULT_QUIESCE_COMMAND_AFTER: string | null = null;

  @HttpAddress()
  @IsOptional()
  PAWVAULT_QUIESCE_URL_BEFORE: string | null = null;

  @HttpAddress()
  @IsOptional()
  PAWVAULT_QUIESCE_URL_AFTER: string | null = null;

  @Matches(/^(deployment|statefulset)\/[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/, {
    message: '$property must be deployment/NAME or statefulset/NAME',
  })
  @IsOptional()
  PAWVAULT_QUIESCE_KUBERNETES: string | null = null;

  @Matches(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, { message: '$property must be the name of a namespace' })
  @IsOptional()
  PAWVAULT_QUIESCE_KUBERNETES_NAMESPACE: string | null = null;

  @IsUrl(
    { protocols: ['https'], require_protocol: true, require_tld: false },
    { message: '$property must be an https address' },
  )
  PAWVAULT_QUIESCE_KUBERNETES_URL = 'https://kubernetes.default.svc';

  @Matches(/^\/[^\0]*$/, { message: '$property must be an absolute path' })
  PAWVAULT_QUIESCE_KUBERNETES_CREDENTIALS = '/var/run/secrets/kubernetes.io/serviceaccount';

  @WholeNumber(1, 3600, { message: '$property must be a whole number of seconds, 1 to 3600' })
  PAWVAULT_QUIESCE_SECONDS = 120;

  @IsIn(LOG_LEVELS, { message: `$property must be one of ${LOG_LEVELS.join(', ')}` })
  PAWVAULT_LOG_LEVEL: LogLevel = 'info';

  @WholeNumber(1, Number.MAX_SAFE_INTEGER, COUNT)
  PAWVAULT_LIMIT_ENTRIES = 1_000_000;

  @WholeNumber(1, Number.MAX_SAFE_INTEGER, COUNT)
  PAWVAULT_LIMIT_DEPTH = 64;

  @WholeNumber(1, Number.MAX_SAFE_INTEGER, BYTES)
  PAWVAULT_LIMIT_PATH_BYTES = 4096;

  @WholeNumber(1, Number.MAX_SAFE_INTEGER, BYTES)
  PAWVAULT_LIMIT_META_BYTES = 2 ** 20;

  @WholeNumber(1, Number.MAX_SAFE_INTEGER, BYTES)
  PAWVAULT_LIMIT_MANIFEST_BYTES = 2 ** 30;

  @WholeNumber(1, Number.MAX_SAFE_INTEGER, BYTES)
  PAWVAULT_LIMIT_DIRECTORY_BYTES = 2 ** 28;

  @WholeNumber(1, Number.MAX_SAFE_INTEGER, BYTES)
  PAWVAULT_LIMIT_FILE_BYTES = 2 ** 40;

  @WholeNumber(1, Number.MAX_SAFE_INTEGER, BYTES)
  PAWVAULT_LIMIT_TOTAL_BYTES = 2 ** 42;

  @WholeNumber(1, Number.MAX_SAFE_INTEGER, BYTES)
  PAWVAULT_LIMIT_UPLOAD_BYTES = 2 ** 40;

  NODE_ENV: string | null = null;
}
