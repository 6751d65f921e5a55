/**
 * Loaded into a worker before its program: sends the process SIGTERM at a call of the file system, which says better than any clock what the
 * worker is doing just then. The call itself goes on as if nothing had happened. Expects a {@link Moment} in TERMINATE_AT.
 */
import { appendFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import { failNthCall, type FsCall } from '@pawvault/testing';
import type { Moment } from './worker-process';

const { under, call, nth, report } = JSON.parse(process.env['TERMINATE_AT'] ?? '{}') as Moment;
const wanted = new RegExp(call);
let seen = 0;

/** Looks at each call and lets all of them pass. */
function look({ name, target }: FsCall): boolean {
  if (!wanted.test(`${name} ${target}`) || ++seen !== nth) return false;
  appendFileSync(report, `${Date.now()} ${name} ${target}\n`);
  process.kill(process.pid, 'SIGTERM');
  return false;
}

if (isMainThread) void failNthCall(Infinity, { under, only: look });
