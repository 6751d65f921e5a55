import { type DynamicModule, Module } from '@nestjs/common';
import { LoggerModule } from 'nestjs-pino';
import { JobRunner } from './job-runner';
import { CONFIG, ENGINE, LOGGER, TRACING, type WorkerServices } from './services';

@Module({})
export class WorkerModule {
  static with({ config, engine, logger, tracing }: WorkerServices): DynamicModule {
    return {
      module: WorkerModule,
      imports: [LoggerModule.forRoot({ pinoHttp: { logger } })],
      providers: [
        { provide: CONFIG, useValue: config },
        { provide: ENGINE, useValue: engine },
        { provide: LOGGER, useValue: logger },
        { provide: TRACING, useValue: tracing },
        JobRunner,
      ],
    };
  }
}
