import { DEFAULT_INSTANCE_ID, isInstanceId } from './instance-id';

describe('isInstanceId', () => {
  it.each([DEFAULT_INSTANCE_ID, 'a', '0', 'team-7', 'x'.repeat(32)])('accepts %p', (id) =>
    expect(isInstanceId(id)).toBe(true),
  );

  it.each(['', '-a', 'A', 'a:b', 'a_b', 'a.b', 'a\n', 'x'.repeat(33), 1, null])('refuses %p', (id) => {
    expect(isInstanceId(id)).toBe(false);
  });
});
