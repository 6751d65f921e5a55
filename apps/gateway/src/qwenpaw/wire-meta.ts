import type { BackupDetail, BackupMeta } from '@pawvault/contracts';

/** meta.json as QwenPaw's server shows it: its own model, whose signature it never tells. */
export interface WireMeta extends BackupMeta {
  signature: null;
}

export interface WorkspaceStats {
  files: number;
  /** Bytes, uncompressed. */
  size: number;
  name: string;
}

export interface WireDetail extends WireMeta {
  workspace_stats: Record<string, WorkspaceStats>;
}

/** @param meta may carry more: what is PawVault's own stays behind */
export const toWireMeta = (meta: BackupMeta): WireMeta => ({
  id: meta.id,
  name: meta.name,
  description: meta.description,
  created_at: meta.created_at,
  version: meta.version,
  scope: { ...meta.scope },
  agent_count: meta.agent_count,
  qwenpaw_version: meta.qwenpaw_version,
  system_info: meta.system_info,
  signature: null,
  accepted_via_trust: meta.accepted_via_trust,
});

export function toWireDetail(detail: BackupDetail): WireDetail {
  const stats = Object.entries(detail.agents).map(([id, { files, bytes, name }]) => [id, { files, size: bytes, name }]);
  return { ...toWireMeta(detail), workspace_stats: Object.fromEntries(stats) as WireDetail['workspace_stats'] };
}
