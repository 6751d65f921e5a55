import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { SwaggerModule } from '@nestjs/swagger';
import { Logger, PinoLogger } from 'nestjs-pino';
import type { Logger as Pino } from 'pino';
import { AppModule } from './app.module';
import { serveConsole } from './console/serve-console';
import { requestLog } from './logging';
import { GatewayMetrics } from './metrics/gateway-metrics';
import { requestMetrics } from './metrics/request-metrics';
import { openApiDocument } from './openapi/document';
import { allowedMethodsOf } from './problem/allowed-methods';
import { ProblemFilter } from './problem/problem.filter';
import { requestTracing } from './request-tracing';
import { askForBodiesWhenRead } from './requests/body-on-demand';
import { limitBodyTime } from './requests/body-time';
import { jsonOnly, parseJsonBodies } from './requests/json-body';
import { requestValidation } from './requests/validation';
import { access } from './security/access';
import { DownloadTickets } from './security/download-tickets';
import { noStore, securityHeaders } from './security/headers';
import type { GatewayServices } from './services';
import { guessLimit, workLimit } from './security/rate-limits';
import { assertEveryRouteNamesARole } from './security/route-roles';

/** As long as Node gives a whole request by itself. */
const BODY_MS = 300_000;

/** The gateway, ready to listen. Whoever closes it also closes the queue. */
export async function createGateway(services: GatewayServices, logger: Pino): Promise<NestExpressApplication> {
  const { accessTokens, allowedHosts, rateLimit } = services.config;
  // On loopback without tokens there is nobody to hold back.
  const limit = accessTokens.length === 0 ? 0 : rateLimit;
  const app = await NestFactory.create<NestExpressApplication>(AppModule.with(services, logger), {
    bodyParser: false,
    bufferLogs: true,
  });
  app.useLogger(app.get(Logger));
  app.set('query parser', 'simple');
  app.set('etag', false);
  app.disable('x-powered-by');
  // The order is the guard: nothing is read of a request before it is known who sends it, and every refusal is logged.
  const tickets = app.get(DownloadTickets);
  const admit = access({ tokens: accessTokens, allowedHosts, tickets, onWrongToken: guessLimit(limit) });
  const measured = requestMetrics(app.get(GatewayMetrics));
  app.getHttpServer().requestTimeout = 0;
  askForBodiesWhenRead(app.getHttpServer());
  app.use(
    requestLog(logger),
    requestTracing(services.tracing),
    measured,
    limitBodyTime(BODY_MS),
    securityHeaders(),
    noStore,
    admit,
    serveConsole(services.console),
    workLimit(limit),
    jsonOnly,
  );
  parseJsonBodies(app);
  app.useGlobalPipes(requestValidation());
  app.useGlobalFilters(new ProblemFilter(await app.resolve(PinoLogger), allowedMethodsOf(app)));
  assertEveryRouteNamesARole(app);
  SwaggerModule.setup('api/docs', app, () => openApiDocument(app), {
    jsonDocumentUrl: 'api/openapi.json',
    raw: ['json'],
  });
  return app;
}
