import { QWENPAW_VERSION_UNKNOWN } from '@pawvault/contracts';

export interface VersionSources {
  /** From configuration; rules over everything else. */
  qwenpawVersion: string | null;
  /** Base address of a running QwenPaw, e.g. `http://127.0.0.1:8088`. */
  qwenpawApiUrl: string | null;
}

const TIMEOUT_MS = 2_000;

/**
 * The version of the instance: configured, else what `GET <api>/api/version` answers, else `unknown`. Never fails: a
 * backup of a stopped instance is as good as any.
 */
export async function qwenpawVersion(sources: VersionSources, signal?: AbortSignal): Promise<string> {
  if (sources.qwenpawVersion !== null) return sources.qwenpawVersion;
  if (sources.qwenpawApiUrl === null) return QWENPAW_VERSION_UNKNOWN;
  try {
    const timeout = AbortSignal.timeout(TIMEOUT_MS);
    const url = new URL('/api/version', sources.qwenpawApiUrl);
    const response = await fetch(url, { signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]) });
    const body: unknown = response.ok ? await response.json() : null;
    const version = typeof body === 'object' && body !== null && 'version' in body ? body.version : null;
    return typeof version === 'string' && version !== '' ? version.slice(0, 100) : QWENPAW_VERSION_UNKNOWN;
  } catch {
    return QWENPAW_VERSION_UNKNOWN;
  }
}
