import { execFileSync } from 'node:child_process';
import { lchownSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { geteuid } from 'node:process';
import { canMount } from './can-mount';
import { hasCapabilities } from './capabilities';
import { skipped } from './skipped';
import { tempDir } from './temp-dir';

const attempt = (act: () => void): boolean => {
  try {
    act();
    return true;
  } catch {
    return false;
  }
};

const itUnderLinux = process.platform === 'linux' ? it : skipped('needs the capabilities of Linux');

itUnderLinux('says what the system then allows', () => {
  const path = join(tempDir(), 'closed');
  writeFileSync(path, 'x', { mode: 0o000 });
  expect(hasCapabilities('dac_override')).toBe(attempt(() => readFileSync(path)));
  expect(hasCapabilities('chown')).toBe(attempt(() => lchownSync(path, 12345, 12345)));
  expect(hasCapabilities('chown', 'dac_override')).toBe(hasCapabilities('chown') && hasCapabilities('dac_override'));
});

it('without the capability for it, nothing is mounted; a trial leaves nothing mounted', () => {
  const place = tempDir();
  const before = process.env['TMPDIR'];
  process.env['TMPDIR'] = place;
  const possible = canMount();
  if (before === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = before;
  expect(possible && !hasCapabilities('sys_admin')).toBe(false);
  expect(readdirSync(place)).toEqual([]);
});

const asRoot = geteuid?.() === 0 && process.platform === 'linux';
const itAsRoot = asRoot ? it : skipped('needs to be started as root');

itAsRoot('sees no capability in a process that gave all of them up', () => {
  const script =
    "const { hasCapabilities } = require('./capabilities'); process.stdout.write(String(hasCapabilities('fowner')));";
  const register = join(__dirname, '../../../tools/ts-register.cjs');
  const drop = ['--bounding-set', '-all', '--inh-caps', '-all', '--ambient-caps', '-all'];
  const said = execFileSync('setpriv', [...drop, process.execPath, '-r', register, '-e', script], {
    cwd: __dirname,
    encoding: 'utf8',
  });
  expect(said).toBe('false');
});
