import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import Libsql from 'libsql';

/** A program of its own that inserts into a database in WAL mode as fast as it can, and tells after each commit how many rows there are. */
export interface Writer {
  /** Rows that are committed by now, at least. */
  rows(): Promise<number>;
  stop(): Promise<void>;
}

const PROGRAM = `
const Libsql = require(${JSON.stringify(require.resolve('libsql'))});
const database = new Libsql(process.argv[1], { timeout: 5000 });
const insert = database.prepare('INSERT INTO messages (body) VALUES (?)');
let rows = database.prepare('SELECT count(*) AS n FROM messages').get().n;
const step = () => {
  insert.run('written during the backup ' + rows);
  console.log(++rows);
  setImmediate(step);
};
step();
`;

export async function startWriter(path: string): Promise<Writer> {
  const child = spawn(process.execPath, ['-e', PROGRAM, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  let last = 0;
  lines.on('line', (line) => (last = Number(line)));
  const nextRow = async (): Promise<number> => {
    await once(lines, 'line');
    return last;
  };
  await nextRow();
  return {
    rows: nextRow,
    stop: async () => {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** What a database holds, and whether SQLite finds it sound. */
export function rowsIn(path: string): { rows: number; firstRowid: number; integrity: string } {
  const database = new Libsql(path);
  try {
    const one = (sql: string): unknown => Object.values(database.prepare(sql).get() as object)[0];
    return {
      rows: Number(one('SELECT count(*) FROM messages')),
      firstRowid: Number(one('SELECT min(rowid) FROM messages')),
      integrity: String(one('PRAGMA integrity_check')),
    };
  } finally {
    database.close();
  }
}
