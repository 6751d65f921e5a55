/** A growing byte buffer: appending is amortised, and what was pushed can move to another thread with its whole array buffer. */
export class ByteSink {
  private buffer: Buffer;
  private used = 0;

  /** @param memory the initial array buffer, or how many bytes it should have */
  constructor(memory: ArrayBuffer | number) {
    this.buffer = Buffer.from(typeof memory === 'number' ? new ArrayBuffer(Math.max(memory, 1024)) : memory);
  }

  get length(): number {
    return this.used;
  }

  push(...parts: Uint8Array[]): void {
    for (const part of parts) {
      this.reserve(part.length);
      this.buffer.set(part, this.used);
      this.used += part.length;
    }
  }

  pushText(text: string): void {
    this.reserve(text.length * 3);
    this.used += this.buffer.write(text, this.used, 'utf8');
  }

  /** What was pushed, as a view of the sink's own memory. The sink must not be used afterwards. */
  take(): Buffer {
    return this.buffer.subarray(0, this.used);
  }

  private reserve(bytes: number): void {
    if (this.used + bytes <= this.buffer.length) return;
    const grown = Buffer.from(new ArrayBuffer(Math.max(this.buffer.length * 2, this.used + bytes)));
    grown.set(this.buffer.subarray(0, this.used));
    this.buffer = grown;
  }
}
