import { isGone, isPassingRefusal, problemOfUpload } from './upload-problem';

const answered = (status: number, body = ''): Error =>
  Object.assign(new Error('tus: unexpected response'), {
    originalResponse: { getStatus: () => status, getBody: () => body },
  });
const unanswered = Object.assign(new Error('tus: failed to upload'), { originalResponse: null });

describe('an upload that failed', () => {
  it('says what the server refused it for', () => {
    expect(problemOfUpload(answered(507, '{"code":"DISK_FULL"}')).code).toBe('DISK_FULL');
    expect(problemOfUpload(answered(502, '<html>Bad gateway</html>')).code).toBe('UNEXPECTED_ANSWER');
    expect(problemOfUpload(answered(413, 'Maximum size exceeded\n')).code).toBe('PAYLOAD_TOO_LARGE');
    expect(problemOfUpload(answered(413, '<html>nginx</html>')).code).toBe('PAYLOAD_TOO_LARGE');
  });

  it('or that nobody answered', () => {
    expect(problemOfUpload(new Error('ProgressEvent')).code).toBe('CONNECTION_LOST');
    expect(problemOfUpload(unanswered).code).toBe('CONNECTION_LOST');
  });

  it.each([409, 423, 429, 502, 503, 504])('goes on by itself after %d', (status) => {
    expect(isPassingRefusal(answered(status))).toBe(true);
  });

  it('goes on by itself when nobody answered', () => expect(isPassingRefusal(unanswered)).toBe(true));

  it.each([400, 401, 403, 404, 410, 413, 415, 500, 507])('does not after %d', (status) => {
    expect(isPassingRefusal(answered(status))).toBe(false);
  });

  it('is told from one that the server no longer knows', () => {
    expect([404, 410, 403, 500].map((status) => isGone(answered(status)))).toEqual([true, true, false, false]);
    expect(isGone(unanswered)).toBe(false);
  });
});
