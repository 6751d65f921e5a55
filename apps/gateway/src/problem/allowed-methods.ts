import type { NestExpressApplication } from '@nestjs/platform-express';

/** What is needed here of a layer of Express' router; only those of routes have one. */
interface Layer {
  route?: { methods: Record<string, boolean> };
  match: (path: string) => unknown;
}

/** The methods that a path has routes for, as the header Allow names them; empty where there is nothing at all. */
export type AllowedMethods = (path: string) => string[];

export function allowedMethodsOf(app: NestExpressApplication): AllowedMethods {
  const { router } = app.getHttpAdapter().getInstance() as unknown as { router: { stack: Layer[] } };
  return (path) => {
    const matching = router.stack.filter((layer) => layer.route !== undefined && layer.match(path));
    const methods = matching
      .flatMap(({ route }) => Object.keys(route?.methods ?? {}))
      .map((name) => name.toUpperCase());
    return [...new Set(methods.includes('GET') ? [...methods, 'HEAD'] : methods)].sort();
  };
}
