import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Measure, timedCommand } from './timed-command';

const PYTHON_PASS = resolve(__dirname, 'zipfile_pass.py');
const REGISTER = resolve(__dirname, '../tools/ts-register.cjs');
const MODULES = ['working', 'working.secret'];

/** `zip -6` as it comes: one thread, no checks, no signature, no fsync. */
export const zipPack = (root: string): Promise<Measure> =>
  packing(root, (archive) => ({ program: 'zip', args: ['-6', '-q', '-r', archive, ...MODULES] }));

/** zipfile of Python, which also computes an HMAC over the contents, as QwenPaw has to. */
export const pythonPack = (root: string): Promise<Measure> =>
  packing(root, (archive) => ({
    program: 'python3',
    args: [PYTHON_PASS, 'pack', archive, ...MODULES.map((name) => join(root, name))],
  }));

/** archiver as its documentation shows it. */
export const archiverPack = (root: string): Promise<Measure> =>
  packing(root, (archive) => ({
    program: process.execPath,
    args: ['-r', REGISTER, resolve(__dirname, 'archiver-pass.ts'), archive, ...MODULES.map((name) => join(root, name))],
  }));

export const unzipTest = (archive: string): Promise<Measure> =>
  timedCommand({ program: 'unzip', args: ['-tq', archive] });

/** Into an empty directory; checks the CRC alone, replaces nothing and syncs nothing. */
export async function unzipExtract(archive: string, root: string): Promise<Measure> {
  const target = join(root, 'unzipped');
  try {
    return await timedCommand({ program: 'unzip', args: ['-q', archive, '-d', target] });
  } finally {
    rmSync(target, { recursive: true, force: true });
  }
}

export const pythonTest = (archive: string): Promise<Measure> =>
  timedCommand({ program: 'python3', args: [PYTHON_PASS, 'test', archive] });

/** unzipper reads everything; it compares nothing with the checksums, so this pass does. */
export const unzipperTest = (archive: string): Promise<Measure> =>
  timedCommand({
    program: process.execPath,
    args: ['-r', REGISTER, resolve(__dirname, 'unzipper-pass.ts'), archive],
  });

async function packing(
  root: string,
  command: (archive: string) => { program: string; args: string[] },
): Promise<Measure> {
  const archive = join(root, 'peer.zip');
  rmSync(archive, { force: true });
  try {
    return await timedCommand({ ...command(archive), cwd: root, archive });
  } finally {
    rmSync(archive, { force: true });
  }
}
