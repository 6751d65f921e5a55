const WINDOW_MS = 4000;

/** Bytes per second over the last seconds, so that the time left neither jumps nor lags. */
export class UploadMeter {
  private readonly samples: { at: number; bytes: number }[] = [];

  /** @param at milliseconds of any clock */
  rate(bytes: number, at: number): number {
    this.samples.push({ at, bytes });
    while ((this.samples[0]?.at ?? at) < at - WINDOW_MS) this.samples.shift();
    const first = this.samples[0];
    const seconds = (at - (first?.at ?? at)) / 1000;
    return seconds === 0 ? 0 : Math.max(0, (bytes - (first?.bytes ?? 0)) / seconds);
  }
}
