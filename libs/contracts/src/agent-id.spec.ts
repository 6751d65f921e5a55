import { isAgentId } from './agent-id';

describe('isAgentId', () => {
  it.each(['default', 'a1B2c3', 'QwenPaw_QA_Agent_0.2', 'x', '-', 'x'.repeat(128)])('accepts %p', (id) => {
    expect(isAgentId(id)).toBe(true);
  });

  it.each(['', '.', '..', '.git', 'a/b', 'a\\b', 'a b', 'a\n', '智能体', 'a:b', 'x'.repeat(129), 1, null, undefined])(
    'refuses %p',
    (id) => {
      expect(isAgentId(id)).toBe(false);
    },
  );
});
