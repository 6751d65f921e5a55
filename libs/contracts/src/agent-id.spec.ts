import { isAgentId } from './agent-id';

describe('isAgentId', () => {
  it.each([
    'default',
    'a1B2c3',
    'QwenPaw_QA_Agent_0.2',
    'x',
    '-',
    '智能体',
    'my agent',
    ' ',
    'a:b',
    'a\\b',
    '😀',
    '__proto__',
    'x'.repeat(255),
    '字'.repeat(85),
  ])('accepts %p', (id) => {
    expect(isAgentId(id)).toBe(true);
  });

  it.each([
    '',
    '.',
    '..',
    '.git',
    '.pawvault-restore-1-new',
    'a/b',
    'a\n',
    'a\0',
    'a\u007f',
    'a\u0085',
    'a\ud800',
    'x'.repeat(256),
    '字'.repeat(86),
    1,
    null,
    undefined,
  ])('refuses %p', (id) => {
    expect(isAgentId(id)).toBe(false);
  });
});
