import type { BackupScope } from './scope';

export const META_NAME = 'meta.json';
/** The only format version that exists; a restore accepts no other. */
export const META_VERSION = '1';

/** Free-form facts about the machine that made the archive; numbers may be integers or floats. */
export type SystemInfo = Record<string, unknown>;

/**
 * meta.json as QwenPaw models it, without what must not leave through the API (the signatures).
 * `created_at` is RFC 3339; a missing zone in a hand-made file has been read as UTC.
 */
export interface BackupMeta {
  id: string;
  name: string;
  description: string;
  created_at: string;
  version: string;
  scope: BackupScope;
  agent_count: number;
  qwenpaw_version: string;
  system_info: SystemInfo;
  /** null for unsigned archives; true once someone accepted the archive of another installation. */
  accepted_via_trust: boolean | null;
}
