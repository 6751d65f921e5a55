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
  /** Bytes of manifest.json. */
  maxManifestBytes: number;
  /** Bytes of the zip directory: every name is kept in memory while an archive is open. */
  maxDirectoryBytes: number;
}

export const DEFAULT_LIMITS: ArchiveLimits = Object.freeze({
  maxEntries: 1_000_000,
  maxFileBytes: 2 ** 40,
  maxTotalBytes: 2 ** 42,
  maxPathBytes: 4096,
  maxDepth: 64,
  maxMetaBytes: 2 ** 20,
  maxManifestBytes: 2 ** 30,
  maxDirectoryBytes: 2 ** 28,
});
