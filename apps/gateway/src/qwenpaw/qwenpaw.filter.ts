import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import { DomainError } from '@pawvault/contracts';
import { PinoLogger } from 'nestjs-pino';
import type { Request, Response } from '../http';
import { sendRefusal } from '../problem/send-refusal';
import { requestIdOf } from '../requests/request-id';
import { toWireError } from './wire-error';

/** Answers errors of the compatible routes in QwenPaw's form. Whoever is not let in never gets here, and is answered as everywhere. */
@Catch()
export class QwenpawFilter implements ExceptionFilter {
  constructor(private readonly logger: PinoLogger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<Request>();
    const { status, body } = toWireError(error);
    this.log(error, { status, request_id: requestIdOf(request) });
    sendRefusal(request, http.getResponse<Response>(), { status, type: 'application/json', body });
  }

  private log(error: unknown, { status, request_id }: { status: number; request_id: string }): void {
    if (status < 500) return;
    if (error instanceof DomainError || error instanceof HttpException)
      this.logger.warn({ err: error, request_id }, 'request could not be served');
    else this.logger.error({ err: error, request_id }, 'request failed');
  }
}
