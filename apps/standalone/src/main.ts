import { dirname } from 'node:path';
import { loadConfig } from '@pawvault/config';
import { DomainError, ERRORS } from '@pawvault/contracts';
import { banner } from './banner';
import { startStandalone } from './start-standalone';

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** Everything on one machine with one command: Redis, worker and gateway, until Ctrl-C. */
async function main(): Promise<void> {
  const config = loadConfig(process.env);
  const ending = untilTold();
  const running = await startStandalone(
    { config, env: process.env, appsDir: dirname(__dirname) },
    { say, onFatal: ending.fail },
  );
  say(banner(config, running));
  const exitCode = await ending.told;
  say('Stopping…');
  await running.stop();
  process.exit(exitCode);
}

/** Resolves with the exit code when the user, the system or a broken part ends it. A second Ctrl-C does not wait for anybody. */
function untilTold(): { told: Promise<number>; fail: (reason: string) => void } {
  let end: (code: number) => void = () => undefined;
  const told = new Promise<number>((resolve) => (end = resolve));
  let asked = false;
  const ask = (): void => {
    if (asked) process.exit(130);
    asked = true;
    end(0);
  };
  process.on('SIGINT', ask);
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => end(0));
  const fail = (reason: string): void => {
    process.stderr.write(`${reason}\n`);
    end(1);
  };
  return { told, fail };
}

main().catch((error: unknown) => {
  const known = error instanceof DomainError;
  process.stderr.write(`${known ? `${error.message}\n${ERRORS[error.code].remedy}` : String(error)}\n`);
  process.exit(1);
});
