import type { Config } from '@pawvault/config';
import { type Logger, pino, stdTimeFunctions } from 'pino';

export const makeLogger = ({ logLevel, instanceId }: Config): Logger =>
  pino({ level: logLevel, timestamp: stdTimeFunctions.isoTime, base: { app: 'worker', instance_id: instanceId } });
