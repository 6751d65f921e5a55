import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { errorTable } from './problem/error-table';
import { buildOpenApiDocument } from './openapi/document';

const ROOT = resolve(__dirname, '../../..');

/**
 * Documents that follow from the code. To write them anew: `UPDATE_DOCS=1 npx jest -c apps/gateway/jest.config.js documents`.
 * @returns what is committed
 */
function committed(file: string, current: string): string {
  const path = resolve(ROOT, file);
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(path, current);
  return readFileSync(path, 'utf8');
}

const prettier = (name: string, text: string): string =>
  execFileSync(resolve(ROOT, 'node_modules/.bin/prettier'), ['--stdin-filepath', resolve(ROOT, name)], {
    input: text,
    encoding: 'utf8',
  });

describe('the committed document', () => {
  it('docs/openapi.json is what the gateway serves', async () => {
    const current = `${JSON.stringify(await buildOpenApiDocument(), null, 2)}\n`;
    expect(committed('docs/openapi.json', current)).toBe(current);
  });

  it('apps/console/src/api/schema.ts, the types that the console talks to it with, follow from it', () => {
    const name = 'apps/console/src/api/schema.ts';
    const current = execFileSync(
      resolve(ROOT, 'node_modules/.bin/openapi-typescript'),
      [resolve(ROOT, 'docs/openapi.json'), '--default-non-nullable=false'],
      {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    );
    expect(committed(name, current)).toBe(current);
  });

  it('docs/errors.md names every code with its status, meaning and remedy', () => {
    const current = prettier('docs/errors.md', errorTable());
    expect(committed('docs/errors.md', current)).toBe(current);
  });
});

describe('the OpenAPI document', () => {
  it('gives every operation a name of its own and a documented answer', async () => {
    const { paths } = await buildOpenApiDocument();
    const operations = Object.values(paths).flatMap((item) =>
      Object.values(item as Record<string, { operationId: string; responses: object }>),
    );
    const names = operations.map(({ operationId }) => operationId);
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThan(18);
    for (const { responses } of operations)
      expect(Object.keys(responses).some((status) => status.startsWith('2'))).toBe(true);
  });

  it('refers to schemas that are there', async () => {
    const document = await buildOpenApiDocument();
    const names = [...JSON.stringify(document).matchAll(/#\/components\/schemas\/(\w+)/g)].map(
      ([, name]) => name ?? '',
    );
    expect(names.length).toBeGreaterThan(20);
    expect(names.filter((name) => document.components?.schemas?.[name] === undefined)).toEqual([]);
  });
});
