/** Bounds on what an archive may claim; generous for a real instance, tight enough that a bomb costs seconds. */
export interface ArchiveLimits {
  maxEntries: number;
  /** Bytes of one inflated entry. */
  maxFileBytes: number;
  /** Bytes of all inflated entries. */
  maxTotalBytes: number;
  /** Bytes of an entry name in UTF-8. */
  maxPathBytes: number;
  /** Components of an entry name. */
  maxDepth: number;
  /** Bytes of meta.json. */
  maxMetaBytes: number;
}

export const DEFAULT_LIMITS: ArchiveLimits = Object.freeze({
  maxEntries: 1_000_000,
  maxFileBytes: 2 ** 40,
  maxTotalBytes: 2 ** 42,
  maxPathBytes: 4096,
  maxDepth: 64,
  maxMetaBytes: 2 ** 20,
});
