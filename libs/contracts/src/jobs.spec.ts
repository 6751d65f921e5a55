import { JOB_TYPES, QUEUE_OF } from './jobs';

describe('the job map', () => {
  it('gives every job a queue, and creation the one that admits one job at a time', () => {
    expect(JOB_TYPES).toEqual(Object.keys(QUEUE_OF));
    expect(QUEUE_OF['backup.create']).toBe('exclusive');
    expect(JOB_TYPES.every((type) => /^[a-z]+\.[a-z]+$/.test(type))).toBe(true);
  });
});
