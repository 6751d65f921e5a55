import type { INestApplication } from '@nestjs/common';
import { MetadataScanner, ModulesContainer, Reflector } from '@nestjs/core';
import { PATH_METADATA } from '@nestjs/common/constants';
import { neededRole } from './needs';

type Handler = (...parameters: unknown[]) => unknown;

/** Stops the start when a route says of no role that it may call: forgetting to say must not open it, nor close it unnoticed. */
export function assertEveryRouteNamesARole(app: INestApplication): void {
  const reflector = app.get(Reflector);
  const silent = routesOf(app).filter(
    ({ controller, handler }) => neededRole(reflector, [handler, controller]) === undefined,
  );
  if (silent.length > 0)
    throw new Error(
      `routes without a role: ${silent.map(({ controller, handler }) => `${controller.name}.${handler.name}`).join(', ')}`,
    );
}

function routesOf(app: INestApplication): { controller: new () => object; handler: Handler }[] {
  const scanner = new MetadataScanner();
  const controllers = [...app.get(ModulesContainer).values()].flatMap((module) => [...module.controllers.values()]);
  return controllers.flatMap(({ metatype }) => {
    const controller = metatype as new () => object;
    const prototype = controller.prototype as Record<string, Handler>;
    return scanner
      .getAllMethodNames(prototype)
      .map((name) => prototype[name])
      .filter((handler) => handler !== undefined)
      .filter((handler) => Reflect.hasMetadata(PATH_METADATA, handler))
      .map((handler) => ({ controller, handler }));
  });
}
