import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';

const ROOT = resolve(__dirname, '..');
const BOUNDARIES = '@nx/enforce-module-boundaries';

interface Linted {
  path: string;
  messages: { ruleId: string | null; message: string }[];
}

/** Deliberate violations, as files that exist only here: [where, what it says, the rule that must refuse it]. */
const VIOLATIONS: [path: string, text: string, rule: string][] = [
  ['libs/contracts/src/violation.ts', "import '@pawvault/engine';", BOUNDARIES],
  ['libs/contracts/src/violation.ts', "import 'node:fs';", 'no-restricted-imports'],
  ['libs/contracts/src/violation.ts', "import 'rxjs';", BOUNDARIES],
  ['libs/contracts/src/violation.ts', 'export const here = process.cwd();', 'no-restricted-globals'],
  ['libs/durable-fs/src/violation.ts', "import '@pawvault/archive';", BOUNDARIES],
  ['libs/archive/src/violation.ts', "import '@pawvault/store';", BOUNDARIES],
  ['libs/store/src/violation.ts', "import '@pawvault/engine';", BOUNDARIES],
  ['libs/store/src/violation.ts', "import 'unzipper';", BOUNDARIES],
  ['libs/engine/src/violation.ts', "import '@pawvault/queue';", BOUNDARIES],
  ['libs/engine/src/violation.ts', "import 'archiver';", BOUNDARIES],
  ['libs/engine/src/violation.ts', "import 'bullmq';", BOUNDARIES],
  ['libs/engine/src/violation.ts', "import '@nestjs/common';", BOUNDARIES],
  ['libs/engine/src/violation.ts', "import '@pawvault/testing';", BOUNDARIES],
  ['libs/engine/src/violation.ts', "import '../../archive/src/index';", BOUNDARIES],
  ['libs/queue/src/violation.ts', "import '@nestjs/common';", BOUNDARIES],
  ['libs/queue/src/violation.spec.ts', "import '@pawvault/engine';", BOUNDARIES],
  ['libs/config/src/violation.ts', "import '@pawvault/store';", BOUNDARIES],
  ['libs/embedded-redis/src/violation.ts', "import 'bullmq';", BOUNDARIES],
  ['libs/tracing/src/violation.ts', "import '@pawvault/queue';", BOUNDARIES],
  ['libs/queue/src/violation.ts', "import '@opentelemetry/api';", BOUNDARIES],
  ['apps/gateway/src/violation.ts', "import '@pawvault/engine';", BOUNDARIES],
  ['apps/gateway/src/violation.ts', "import 'bullmq';", BOUNDARIES],
  ['apps/worker/src/violation.ts', "import 'ioredis';", BOUNDARIES],
  ['apps/worker/src/violation.ts', "export const load = () => import('unzipper');", BOUNDARIES],
  ['apps/console/src/violation.ts', "import '@pawvault/store';", BOUNDARIES],
  ['apps/console/src/violation.tsx', "import '@pawvault/config';", BOUNDARIES],
  ['apps/console/src/violation.ts', "import 'node:fs';", 'no-restricted-imports'],
  ['apps/standalone/src/violation.ts', "import '@nestjs/core';", BOUNDARIES],
  ['apps/standalone/src/violation.ts', "import '@pawvault/engine';", BOUNDARIES],
];

const ALLOWED: [path: string, text: string][] = [
  ['libs/engine/src/fine.ts', "import '@pawvault/contracts'; import '@pawvault/store'; import 'node:fs';"],
  ['libs/engine/src/fine.spec.ts', "import '@pawvault/testing'; import 'fast-check';"],
  ['libs/queue/src/fine.ts', "import '@pawvault/contracts'; import 'bullmq'; import 'ioredis';"],
  ['libs/embedded-redis/src/fine.spec.ts', "import 'bullmq';"],
  ['libs/tracing/src/fine.ts', "import '@opentelemetry/api';"],
  ['libs/archive/src/fine.ts', "import 'archiver'; import 'unzipper';"],
  ['apps/worker/src/fine.ts', "import '@pawvault/engine'; import '@nestjs/common';"],
  ['apps/gateway/src/fine.ts', "import '@pawvault/store'; import '@nestjs/common';"],
];

describe('the borders between projects', () => {
  let linted: Linted[];

  beforeAll(() => {
    const input = [...VIOLATIONS, ...ALLOWED].map(([path, text]) => ({ path, text }));
    const output = execFileSync(process.execPath, ['tools/lint-boundaries.mjs'], {
      cwd: ROOT,
      input: JSON.stringify(input),
      encoding: 'utf8',
      timeout: 60_000,
    });
    linted = JSON.parse(output.trimEnd().split('\n').at(-1) ?? '') as Linted[];
  }, 60_000);

  it.each(
    VIOLATIONS.map((violation, index) => ({ index, path: violation[0], text: violation[1], rule: violation[2] })),
  )('refuse $text in $path', ({ index, path, rule }) => {
    expect(linted[index]?.path).toBe(path);
    expect(linted[index]?.messages.map((message) => message.ruleId)).toContain(rule);
  });

  it.each(ALLOWED.map(([path, text], index) => ({ index: VIOLATIONS.length + index, path, text })))(
    'allow $text in $path',
    ({ index, path }) => {
      expect(linted[index]).toEqual({ path, messages: [] });
    },
  );
});
