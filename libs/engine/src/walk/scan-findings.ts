import type { Walked, WalkedFile } from './walk-tree';

/** A file that weighs, by its entry name. */
export interface Weight {
  path: string;
  bytes: number;
}

const NAMED_MOUNTS = 100;
const NAMED_FILES = 5;

/** What the walk of a source tells besides its totals. */
export class ScanFindings {
  /** Bytes that the files take on disk; fewer than their sizes where they have holes. */
  occupied = 0;
  /** Bytes of the largest copy of a database that has to be made. */
  largestCopy = 0;
  mountCount = 0;
  /** Entry names, not all of them when there are very many. */
  readonly mounts: string[] = [];
  /** Largest first. */
  largestFiles: Weight[] = [];

  note(item: Walked): void {
    if (item.kind === 'mounted') {
      this.mountCount += 1;
      if (this.mounts.length < NAMED_MOUNTS) this.mounts.push(item.name);
    }
    if (item.kind === 'file') this.noteFile(item);
  }

  /** Takes in what another source was found to have. */
  add(other: ScanFindings): void {
    this.occupied += other.occupied;
    this.largestCopy = Math.max(this.largestCopy, other.largestCopy);
    this.mountCount += other.mountCount;
    this.mounts.push(...other.mounts.slice(0, NAMED_MOUNTS - this.mounts.length));
    this.largestFiles = largest([...this.largestFiles, ...other.largestFiles]);
  }

  private noteFile({ name, occupied, copyBytes }: WalkedFile): void {
    this.occupied += occupied;
    this.largestCopy = Math.max(this.largestCopy, copyBytes);
    const least = this.largestFiles[NAMED_FILES - 1];
    if (least === undefined || occupied > least.bytes)
      this.largestFiles = largest([...this.largestFiles, { path: name, bytes: occupied }]);
  }
}

const largest = (files: Weight[]): Weight[] => files.sort((a, b) => b.bytes - a.bytes).slice(0, NAMED_FILES);
