import { execFileSync } from 'node:child_process';
import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_LIMITS } from '@pawvault/archive';
import { symlink, tempDir, writeTree } from '@pawvault/testing';
import { compileExcludeRules, DEFAULT_EXCLUDE_RULES } from './exclude-rules';
import { leaveOutReason } from './leave-out';

const options = {
  prefix: 'data/workspaces/a/',
  rules: compileExcludeRules(DEFAULT_EXCLUDE_RULES),
  limits: DEFAULT_LIMITS,
};

const root = tempDir('leave-out');
writeTree(root, { file: 'x', 'directory/inner': 'y', link: symlink('/anywhere') });
execFileSync('mkfifo', [join(root, 'fifo')]);
const [file, directory, link, fifo] = ['file', 'directory', 'link', 'fifo'].map((name) => lstatSync(join(root, name)));

describe('leaveOutReason', () => {
  it.each([
    ['MEMORY.md', file],
    ['notes/', directory],
    ['venv/bin/python3', link],
  ])('takes %s', (path, stat) => {
    expect(stat && leaveOutReason(path, stat, options)).toBeNull();
  });

  it.each([
    ['notes.tmp', file, { by: 'rule', rule: '*.tmp' }],
    ['src/__pycache__/', directory, { by: 'rule', rule: '__pycache__/' }],
    ['socket', fifo, { by: 'omission', reason: 'special_file', detail: 'fifo' }],
    ['d/'.repeat(70), directory, { by: 'omission', reason: 'too_deep' }],
    [Buffer.from([0x62, 0xff]), file, { by: 'omission', reason: 'name_not_representable' }],
  ])('leaves %s out and says why', (path, stat, reason) => {
    expect(stat && leaveOutReason(path, stat, options)).toMatchObject(reason);
  });
});
