import { Bench } from './bench';
import { describeCancelling } from './battery/cancelling';
import { describeJobs } from './battery/jobs';
import { describeList } from './battery/list';
import { describePayloads } from './battery/payloads';
import { describeQuestions } from './battery/questions';
import { describeWorkers } from './battery/workers';

/**
 * What every server must do for PawVault: the same checks run against redis-server, valkey-server and the server in
 * JavaScript. All of them pass all of it; the last is some five times slower and loses everything with its process.
 */
export function queueBattery(redisUrl: () => string): void {
  let bench: Bench;
  beforeEach(() => (bench = new Bench(redisUrl())));
  afterEach(() => bench.close());
  const parts = [describeJobs, describePayloads, describeCancelling, describeWorkers, describeList, describeQuestions];
  for (const part of parts) part(() => bench);
}
