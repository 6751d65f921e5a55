import { UploadMeter } from './upload-meter';

describe('the speed of an upload', () => {
  it('is that of the last seconds', () => {
    const meter = new UploadMeter();
    expect(meter.rate(0, 0)).toBe(0);
    expect(meter.rate(1000, 1000)).toBe(1000);
    expect(meter.rate(4000, 2000)).toBe(2000);
    expect(meter.rate(4000, 60_000)).toBe(0);
    expect(meter.rate(4500, 60_500)).toBe(1000);
  });

  it('is never negative, when an upload goes on from before', () => {
    const meter = new UploadMeter();
    meter.rate(5000, 0);
    expect(meter.rate(100, 1000)).toBe(0);
  });
});
