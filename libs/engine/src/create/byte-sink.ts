/** A growing byte buffer: appending is amortised, and the result can be handed to another thread without a copy of slack. */
export class ByteSink {
  private buffer: Buffer;
  private used = 0;

  constructor(initialBytes: number) {
    this.buffer = Buffer.from(new ArrayBuffer(Math.max(initialBytes, 1024)));
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

  /** What was pushed. The sink must not be used afterwards. */
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
