import { Meter, problemOfUpload } from './upload';

describe('the speed of an upload', () => {
  it('is that of the last seconds', () => {
    const meter = new Meter();
    expect(meter.rate(0, 0)).toBe(0);
    expect(meter.rate(1000, 1000)).toBe(1000);
    expect(meter.rate(4000, 2000)).toBe(2000);
    expect(meter.rate(4000, 60_000)).toBe(0);
    expect(meter.rate(4500, 60_500)).toBe(1000);
  });

  it('is never negative, when an upload goes on from before', () => {
    const meter = new Meter();
    meter.rate(5000, 0);
    expect(meter.rate(100, 1000)).toBe(0);
  });
});

describe('an upload that failed', () => {
  const answered = (body: string): Error =>
    Object.assign(new Error('tus: unexpected response'), { originalResponse: { getBody: () => body } });

  it('says what the server refused it for', () => {
    expect(problemOfUpload(answered('{"code":"PAYLOAD_TOO_LARGE"}')).code).toBe('PAYLOAD_TOO_LARGE');
    expect(problemOfUpload(answered('<html>Bad gateway</html>')).code).toBe('UNEXPECTED_ANSWER');
  });

  it('or that nobody answered', () => {
    expect(problemOfUpload(new Error('ProgressEvent')).code).toBe('CONNECTION_LOST');
    expect(problemOfUpload(Object.assign(new Error('x'), { originalResponse: null })).code).toBe('CONNECTION_LOST');
  });
});
