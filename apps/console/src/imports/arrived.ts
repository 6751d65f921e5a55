import { authorization } from '../api/client';

const TUS = { 'Tus-Resumable': '1.0.0' };

/** Bytes of an upload that the server has; null when it does not know it, or cannot be asked. */
export async function arrivedOf(url: string, signal: AbortSignal): Promise<number | null> {
  const response = await fetch(url, { method: 'HEAD', headers: { ...TUS, ...authorization() }, signal });
  const offset = Number(response.headers.get('Upload-Offset') ?? Number.NaN);
  return response.ok && Number.isSafeInteger(offset) ? offset : null;
}

/** Removes what has arrived. */
export async function removeArrived(url: string): Promise<void> {
  await fetch(url, { method: 'DELETE', headers: { ...TUS, ...authorization() } });
}
