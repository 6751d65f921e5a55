import type { JobProgress } from '@pawvault/contracts';

/** Half-life of the speed: long enough to be calm, short enough to follow a change of disk or of content. */
const SPEED_WINDOW_MS = 5_000;
/** 100 belongs to the result alone. */
const MAX_PERCENT = 99.9;

export interface Totals {
  bytes: number;
  files: number;
  agents: number;
}

/**
 * Turns bytes and files into the progress of a job. Bytes decide; where there are none, files do. The percentage never falls, also
 * when totals grow while the work is going on.
 */
export class ProgressMeter {
  private state: JobProgress;
  private percentFloor = 0;
  private speed = 0;
  private last: { at: number; bytes: number };
  private readonly startedAt: number;

  constructor(
    private readonly totals: Totals,
    private readonly report: (progress: JobProgress) => void,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.startedAt = this.now();
    this.last = { at: this.startedAt, bytes: 0 };
    this.state = {
      phase: 'starting',
      percent: 0,
      current: null,
      agents_done: 0,
      agents_total: totals.agents,
      files_done: 0,
      files_total: totals.files,
      bytes_done: 0,
      bytes_total: totals.bytes,
      bytes_per_second: 0,
      eta_seconds: null,
    };
  }

  enter(phase: string, current: string | null = this.state.current): void {
    this.state = { ...this.state, phase, current };
    this.emit();
  }

  /** A first sign of life before totals are known. */
  snapshot(phase: string): JobProgress {
    return { ...this.state, phase };
  }

  agentDone(): void {
    this.state = { ...this.state, agents_done: Math.min(this.state.agents_done + 1, this.state.agents_total) };
    this.emit();
  }

  add(done: { bytes: number; files: number }): void {
    const { bytes_done, files_done } = this.state;
    this.state = { ...this.state, bytes_done: bytes_done + done.bytes, files_done: files_done + done.files };
    this.emit();
  }

  private emit(): void {
    this.measureSpeed();
    const { bytes_done, files_done } = this.state;
    const bytesTotal = Math.max(this.totals.bytes, bytes_done);
    const filesTotal = Math.max(this.totals.files, files_done);
    const share = bytesTotal > 0 ? bytes_done / bytesTotal : filesTotal > 0 ? files_done / filesTotal : 0;
    this.percentFloor = Math.max(this.percentFloor, Math.min(MAX_PERCENT, Math.floor(share * 1000) / 10));
    this.report({
      ...this.state,
      percent: this.percentFloor,
      bytes_total: bytesTotal,
      files_total: filesTotal,
      bytes_per_second: Math.round(this.speed),
      eta_seconds: this.speed > 0 ? Math.round((bytesTotal - bytes_done) / this.speed) : null,
    });
  }

  private measureSpeed(): void {
    const elapsed = this.now() - this.last.at;
    if (elapsed < 200) return;
    const current = ((this.state.bytes_done - this.last.bytes) / elapsed) * 1000;
    // In the beginning the plain mean counts: the first fifth of a second says little about the rest.
    const weight = Math.max(1 - 2 ** (-elapsed / SPEED_WINDOW_MS), elapsed / (this.now() - this.startedAt));
    this.speed += (current - this.speed) * weight;
    this.last = { at: this.now(), bytes: this.state.bytes_done };
  }
}
