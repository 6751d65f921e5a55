import { isPassing, problemOf, problemOfThrown, problemOfView, ProblemError } from './problem';

const BODY = {
  type: 'urn:pawvault:error:BACKUP_IN_USE',
  title: 'A job is using this backup',
  status: 409,
  detail: 'A job is using this backup',
  code: 'BACKUP_IN_USE',
  remedy: 'Wait for the job to end, or cancel it, then retry.',
  details: { job_id: 'e-1' },
  request_id: 'r-1',
};

describe('a problem', () => {
  it('is read from an answer, and says nothing twice', () => {
    expect(problemOf(BODY)).toEqual({
      code: 'BACKUP_IN_USE',
      detail: '',
      details: { job_id: 'e-1' },
      requestId: 'r-1',
    });
    expect(problemOf({ ...BODY, detail: 'Job e-1 verifies it' }).detail).toBe('Job e-1 verifies it');
  });

  it.each([undefined, null, '', '<html>502 Bad Gateway</html>', 3, [], {}, { code: 'constructor' }, { code: 7 }])(
    'is not guessed from %j',
    (body) => expect(problemOf(body).code).toBe('UNEXPECTED_ANSWER'),
  );

  it('survives fields of a wrong kind', () => {
    expect(problemOf({ code: 'IO_ERROR', detail: 1, details: [], request_id: {} })).toEqual({
      code: 'IO_ERROR',
      detail: '',
      details: {},
      requestId: null,
    });
  });

  it('of a job has the same codes; one that this version does not know is an internal error with its message', () => {
    expect(problemOfView({ code: 'DISK_FULL', message: 'No room', details: { path: '/b' } })).toMatchObject({
      code: 'DISK_FULL',
      detail: 'No room',
      details: { path: '/b' },
    });
    expect(problemOfView({ code: 'BACKUP_EXISTS', message: 'A backup with this id exists already' }).detail).toBe('');
    expect(problemOfView({ code: 'FROM_THE_FUTURE', message: 'Oh' })).toMatchObject({
      code: 'INTERNAL_ERROR',
      detail: 'Oh',
    });
  });

  it('is known from what was thrown', () => {
    const problem = problemOf(BODY);
    expect(problemOfThrown(new ProblemError(problem))).toBe(problem);
    expect(problemOfThrown(new TypeError('Failed to fetch')).code).toBe('CONNECTION_LOST');
    expect(problemOfThrown(new Error('?')).code).toBe('UNEXPECTED_ANSWER');
  });

  it('passes by itself only where nobody has to do anything', () => {
    expect(isPassing(problemOfThrown(new TypeError()))).toBe(true);
    expect(isPassing(problemOf(BODY))).toBe(false);
  });
});
