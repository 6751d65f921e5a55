import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { SwaggerModule } from '@nestjs/swagger';
import { Logger, PinoLogger } from 'nestjs-pino';
import type { Logger as Pino } from 'pino';
import { AppModule } from './app.module';
import { isForConsole, serveConsole } from './console/serve-console';
import { requestLog } from './logging';
import { openApiDocument } from './openapi/document';
import { ProblemFilter } from './problem/problem.filter';
import { jsonOnly, parseJsonBodies } from './requests/json-body';
import { requestValidation } from './requests/validation';
import { access } from './security/access';
import { noStore, securityHeaders } from './security/headers';
import type { GatewayServices } from './services';

/** The gateway, ready to listen. Whoever closes it also closes the queue. */
export async function createGateway(services: GatewayServices, logger: Pino): Promise<NestExpressApplication> {
  const { token, allowedHosts } = services.config;
  const app = await NestFactory.create<NestExpressApplication>(AppModule.with(services, logger), {
    bodyParser: false,
    bufferLogs: true,
  });
  app.useLogger(app.get(Logger));
  app.set('query parser', 'simple');
  app.set('etag', false);
  app.disable('x-powered-by');
  // The order is the guard: nothing is read of a request before it is known who sends it, and every refusal is logged.
  const entrance = access({ token, allowedHosts, needsNoToken: isForConsole });
  app.use(requestLog(logger), securityHeaders(), noStore, entrance, serveConsole(services.console), jsonOnly);
  parseJsonBodies(app);
  app.useGlobalPipes(requestValidation());
  app.useGlobalFilters(new ProblemFilter(await app.resolve(PinoLogger)));
  SwaggerModule.setup('api/docs', app, () => openApiDocument(app), {
    jsonDocumentUrl: 'api/openapi.json',
    raw: ['json'],
  });
  return app;
}
