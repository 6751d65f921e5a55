import { type DynamicModule, Module } from '@nestjs/common';
import { APP_GUARD, APP_INTERCEPTOR } from '@nestjs/core';
import { LoggerModule } from 'nestjs-pino';
import type { Logger } from 'pino';
import { BackupsController } from './backups/backups.controller';
import { ContentsController } from './backups/contents.controller';
import { ConventionalHealthController, HealthController } from './health/health.controller';
import { Imports } from './imports/imports';
import { ImportsController } from './imports/imports.controller';
import { ResumableUploads } from './imports/resumable-uploads';
import { UploadsController } from './imports/uploads.controller';
import { InstanceController } from './instance/instance.controller';
import { InstanceLookup } from './instance/instance-lookup';
import { JobsController } from './jobs/jobs.controller';
import { OpenStreams } from './streams/open-streams';
import { GatewayMetrics } from './metrics/gateway-metrics';
import { MetricsController } from './metrics/metrics.controller';
import { TracingLifetime } from './tracing-lifetime';
import { QueueLifetime } from './queue-lifetime';
import { QWENPAW_CONTROLLERS, QWENPAW_PROVIDERS } from './qwenpaw/providers';
import { RestorePlansController } from './restores/restore-plans.controller';
import { RestoresController } from './restores/restores.controller';
import { AUDIT_LOG, CLOCK, CONFIG, type GatewayServices, LOGGER, QUARANTINE, QUEUE, STORE, TRACING } from './services';
import { AuditController } from './audit/audit.controller';
import { AuditTrail } from './audit/audit-trail';
import { AuditInterceptor } from './audit/audited';
import { TicketsController } from './downloads/tickets.controller';
import { DownloadTickets } from './security/download-tickets';
import { RoleGuard } from './security/needs';
import { SessionController } from './security/session.controller';

@Module({})
export class AppModule {
  /** @param logger also logs what Nest has to complain of; requests are logged by a middleware that stands before everything */
  static with(services: GatewayServices, logger: Logger): DynamicModule {
    const { config, store, queue, auditLog, quarantine, downloadKey, clock, tracing } = services;
    return {
      module: AppModule,
      imports: [LoggerModule.forRoot({ pinoHttp: { logger: withoutChatter(logger) }, forRoutes: [] })],
      controllers: [
        AuditController,
        BackupsController,
        ContentsController,
        TicketsController,
        SessionController,
        RestoresController,
        RestorePlansController,
        ImportsController,
        UploadsController,
        InstanceController,
        JobsController,
        MetricsController,
        HealthController,
        ConventionalHealthController,
        ...QWENPAW_CONTROLLERS,
      ],
      providers: [
        { provide: CONFIG, useValue: config },
        { provide: STORE, useValue: store },
        { provide: QUEUE, useValue: queue },
        { provide: QUARANTINE, useValue: quarantine },
        { provide: AUDIT_LOG, useValue: auditLog },
        { provide: CLOCK, useValue: clock },
        {
          provide: DownloadTickets,
          useFactory: () => new DownloadTickets({ key: downloadKey, tokens: config.accessTokens, clock }),
        },
        { provide: LOGGER, useValue: logger },
        { provide: TRACING, useValue: tracing },
        { provide: APP_GUARD, useClass: RoleGuard },
        { provide: APP_INTERCEPTOR, useClass: AuditInterceptor },
        AuditTrail,
        GatewayMetrics,
        Imports,
        ResumableUploads,
        InstanceLookup,
        OpenStreams,
        QueueLifetime,
        TracingLifetime,
        ...QWENPAW_PROVIDERS,
      ],
    };
  }
}

/** Nest tells every route at its start, at the level at which everybody else tells news. */
const withoutChatter = (logger: Logger): Logger =>
  logger.level === 'info' ? logger.child({}, { level: 'warn' }) : logger;
