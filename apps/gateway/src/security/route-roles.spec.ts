import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ForEverybody, Needs } from './needs';
import { assertEveryRouteNamesARole } from './route-roles';

@Needs('viewer')
@Controller('careful')
class Careful {
  @Get()
  look(): string {
    return 'seen';
  }

  @ForEverybody()
  @Get('open')
  open(): string {
    return 'open';
  }
}

@Controller('forgetful')
class Forgetful {
  @Needs('admin')
  @Get('remembered')
  remembered(): string {
    return 'remembered';
  }

  @Get('forgotten')
  forgotten(): string {
    return 'forgotten';
  }
}

async function routesOf(...controllers: (new () => object)[]): Promise<() => void> {
  class App {}
  Module({ controllers })(App);
  const app = await NestFactory.create(App, { logger: false });
  return () => assertEveryRouteNamesARole(app);
}

it('a route that names no role stops the start, and is named', async () => {
  expect(await routesOf(Careful, Forgetful)).toThrow('routes without a role: Forgetful.forgotten');
});

it('a role of the controller, of the route, or for everybody is enough', async () => {
  expect(await routesOf(Careful)).not.toThrow();
});
