import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { queueBattery } from './spec-support/battery';
import { kill, REGISTER } from './spec-support/bench';

let server: ChildProcess;
let url: string;
beforeAll(async () => {
  server = fork(resolve(__dirname, 'spec-support/javascript-server.ts'), { execArgv: ['-r', REGISTER] });
  [url] = (await once(server, 'message')) as [string];
});
afterAll(() => kill(server));

describe('with the server in JavaScript', () => queueBattery(() => url));
