import { duration } from './duration';

describe('duration', () => {
  it.each([
    [0, '1 sec'],
    [0.4, '1 sec'],
    [59.4, '59 sec'],
    [59.6, '1 min'],
    [65, '1 min 5 sec'],
    [3600, '1 hr'],
    [3_725, '1 hr 2 min'],
    [3_605, '1 hr'],
    [90_000, '1 day 1 hr'],
    [864_000, '10 days'],
  ])('%d seconds are %s', (seconds, text) => expect(duration(seconds, 'en')).toBe(text));

  it('speaks Chinese', () => expect(duration(3_725, 'zh')).toBe('1小时2分钟'));
});
