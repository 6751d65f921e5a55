import { type DynamicModule, Module } from '@nestjs/common';
import { LoggerModule } from 'nestjs-pino';
import type { Logger } from 'pino';
import { BackupsController } from './backups/backups.controller';
import { ContentsController } from './backups/contents.controller';
import { ConventionalHealthController, HealthController } from './health/health.controller';
import { InstanceController } from './instance/instance.controller';
import { InstanceLookup } from './instance/instance-lookup';
import { JobsController } from './jobs/jobs.controller';
import { OpenStreams } from './jobs/open-streams';
import { QueueLifetime } from './queue-lifetime';
import { RestoresController } from './restores/restores.controller';
import { CLOCK, CONFIG, type GatewayServices, QUEUE, STORE } from './services';

@Module({})
export class AppModule {
  /** @param logger also logs what Nest has to complain of; requests are logged by a middleware that stands before everything */
  static with({ config, store, queue, clock }: GatewayServices, logger: Logger): DynamicModule {
    return {
      module: AppModule,
      imports: [LoggerModule.forRoot({ pinoHttp: { logger: withoutChatter(logger) }, forRoutes: [] })],
      controllers: [
        BackupsController,
        ContentsController,
        RestoresController,
        InstanceController,
        JobsController,
        HealthController,
        ConventionalHealthController,
      ],
      providers: [
        { provide: CONFIG, useValue: config },
        { provide: STORE, useValue: store },
        { provide: QUEUE, useValue: queue },
        { provide: CLOCK, useValue: clock },
        InstanceLookup,
        OpenStreams,
        QueueLifetime,
      ],
    };
  }
}

/** Nest tells every route at its start, at the level at which everybody else tells news. */
const withoutChatter = (logger: Logger): Logger =>
  logger.level === 'info' ? logger.child({}, { level: 'warn' }) : logger;
