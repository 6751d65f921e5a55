import { connect } from 'node:net';

/** ready: it answers to the password; loading: it is ours and reads its data; else it is not there or not ours. */
export type ProbeAnswer = 'ready' | 'loading' | 'silent';

/** Asks the server on a loopback port once. Never rejects. */
export function probe(port: number, password: string, timeoutMs = 1000): Promise<ProbeAnswer> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    let text = '';
    const answer = (value: ProbeAnswer): void => {
      socket.destroy();
      resolve(value);
    };
    socket.setTimeout(timeoutMs, () => answer('silent'));
    socket.on('error', () => answer('silent'));
    socket.on('close', () => answer('silent'));
    socket.on('connect', () => socket.write(command('AUTH', password) + command('PING')));
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      if (text.includes('+PONG')) answer('ready');
      else if (text.includes('-LOADING')) answer('loading');
      else if (text.includes('-')) answer('silent');
    });
  });
}

/** A command in RESP, the protocol of Redis. */
const command = (...words: string[]): string =>
  `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;
