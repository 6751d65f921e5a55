import type { JobProgress, JobWarning } from '@pawvault/contracts';
import type { StoredProgress } from './job-record';

/** 100 is the result's to say. */
const ALMOST = 99.9;
const MAX_WARNINGS = 200;

interface ReporterOptions {
  write: (stored: StoredProgress) => Promise<void>;
  /** Where an earlier run of the job got to; a second run does not fall behind it in the eyes of who watches. */
  floor: number;
  intervalMs: number;
}

/** Writes the latest progress and all warnings, at most once per interval, one write at a time. A write that fails is not repeated: the next one says more. */
export class ProgressReporter {
  private progress: JobProgress | null = null;
  private readonly warnings: JobWarning[] = [];
  private floor: number;
  private dirty = false;
  private timer: NodeJS.Timeout | null = null;
  private writing: Promise<void> = Promise.resolve();
  private lastWrite = -Infinity;

  constructor(private readonly options: ReporterOptions) {
    this.floor = options.floor;
  }

  report(progress: JobProgress): void {
    this.floor = Math.max(this.floor, Math.min(ALMOST, Math.floor(progress.percent * 10) / 10));
    this.progress = { ...progress, percent: this.floor };
    this.schedule();
  }

  warn(warning: JobWarning): void {
    if (this.warnings.length >= MAX_WARNINGS) return;
    this.warnings.push(warning);
    this.schedule();
  }

  /** Writes what has not been written, and no more after that. */
  async flush(): Promise<void> {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    if (this.dirty) this.writeNow();
    await this.writing;
  }

  private schedule(): void {
    this.dirty = true;
    this.timer ??= setTimeout(
      () => this.writeNow(),
      Math.max(0, this.lastWrite + this.options.intervalMs - performance.now()),
    );
  }

  private writeNow(): void {
    this.timer = null;
    this.dirty = false;
    this.lastWrite = performance.now();
    const stored = { progress: this.progress, warnings: [...this.warnings] };
    this.writing = this.writing.then(() => this.options.write(stored)).catch(() => undefined);
  }
}
