import { type INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { pino } from 'pino';
import { AppModule } from '../app.module';
import type { GatewayServices } from '../services';

/** The OpenAPI document of an application. */
export function openApiDocument(app: INestApplication): OpenAPIObject {
  const description = new DocumentBuilder()
    .setTitle('PawVault')
    .setDescription(
      'Backups of QwenPaw instances. Errors are `application/problem+json` with a stable `code`; times are RFC 3339 in UTC.',
    )
    .setVersion('1')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'PAWVAULT_TOKEN, where one is set' })
    .addSecurityRequirements('bearer')
    .build();
  return SwaggerModule.createDocument(app, description, {
    operationIdFactory: (controller, method) => `${controller.replace('Controller', '').toLowerCase()}_${method}`,
  });
}

/** The same document without a queue, a store or a port: in preview nothing is instantiated, so there is nothing to give. */
export async function buildOpenApiDocument(): Promise<OpenAPIObject> {
  const nothing = {} as GatewayServices;
  const app = await NestFactory.create(AppModule.with(nothing, pino({ level: 'silent' })), {
    preview: true,
    logger: false,
  });
  try {
    return openApiDocument(app);
  } finally {
    await app.close();
  }
}
