import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createRedisCommandExecutor, RedisServerState, Resp2Server } from 'js-redis-server/core';
import type { AddressInfo, Socket } from 'node:net';

export interface JavascriptServer {
  url: string;
  stop: () => Promise<void>;
}

/**
 * A Redis in JavaScript within this process, in memory, on a free loopback port and behind a password.
 * Built from its parts because the package's own `createRedisServer` listens on every address and knows no password.
 */
export async function startJavascriptServer(): Promise<JavascriptServer> {
  const password = randomBytes(24).toString('hex');
  const state = new RedisServerState({ requirepass: password });
  const { server } = new Resp2Server({ server: state, executor: createRedisCommandExecutor() });
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `redis://:${password}@127.0.0.1:${port}`,
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
      state.close();
    },
  };
}
