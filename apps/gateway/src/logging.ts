import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Config } from '@pawvault/config';
import { type Logger, pino, stdTimeFunctions } from 'pino';
import { type HttpLogger, pinoHttp } from 'pino-http';
import { assignRequestId } from './requests/request-id';

export const makeLogger = ({ logLevel, instanceId }: Config): Logger =>
  pino({ level: logLevel, timestamp: stdTimeFunctions.isoTime, base: { app: 'gateway', instance_id: instanceId } });

/** One line a request. Headers are left out altogether, because tokens travel in them, and so are queries. */
export const requestLog = (logger: Logger): HttpLogger =>
  pinoHttp({
    logger,
    genReqId: assignRequestId,
    customAttributeKeys: { reqId: 'request_id' },
    quietReqLogger: true,
    wrapSerializers: false,
    serializers: { req: describeRequest, res: ({ statusCode }: ServerResponse) => ({ status: statusCode }) },
    customProps: (_request, response) => jobOf(response),
    customLogLevel: (request, response, error) => {
      if (isProbe(request)) return 'debug';
      return error !== undefined || response.statusCode >= 500 ? 'warn' : 'info';
    },
  });

/** The job that the answer points to; ids of backups and of other jobs stand in the path. */
function jobOf(response: ServerResponse): object {
  const match = /^\/api\/v1\/jobs\/([\w-]+)$/.exec(String(response.getHeader('location')));
  return match === null ? {} : { job_id: match[1] };
}

const isProbe = ({ url = '' }: IncomingMessage): boolean => /^(\/api\/v1)?\/(health\/|metrics$)/.test(url);

const describeRequest = ({ method, url = '', socket }: IncomingMessage): object => ({
  method,
  path: url.split('?', 1)[0],
  remote: socket.remoteAddress,
});
