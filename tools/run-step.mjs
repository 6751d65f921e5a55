import { spawn } from 'node:child_process';

/**
 * Runs a program and prints how it ended.
 * @param stdio 'inherit' shows the output while it runs, 'pipe' when it has ended
 * @returns whether it passed
 */
export async function runStep([name, command, ...args], { cwd, env, stdio }) {
  const start = Date.now();
  if (stdio === 'inherit') process.stdout.write(`\n— ${name}\n`);
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', stdio, stdio] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += chunk));
  const passed = await new Promise((settle) => {
    child.once('error', (error) => ((output += error.message), settle(false)));
    child.once('close', (code) => settle(code === 0));
  });
  if (output.trim() !== '') process.stdout.write(`\n— ${name}\n${output.trim()}\n`);
  process.stdout.write(`— ${name}: ${passed ? 'passed' : 'FAILED'} in ${((Date.now() - start) / 1000).toFixed(1)} s\n`);
  return passed;
}
