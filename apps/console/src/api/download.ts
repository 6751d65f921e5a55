import { answer, api, token } from './client';

/**
 * Lets the browser save what is at a path to the disk: it goes there by itself, so that nothing of it passes through the page. Where a token
 * is needed, which a browser cannot send by itself, the address carries a ticket instead.
 * @throws ProblemError when the ticket is refused
 */
export async function download(path: string): Promise<void> {
  const url =
    token.get() === null ? path : (await answer(api.POST('/api/v1/download-tickets', { body: { path } }))).url;
  const link = document.createElement('a');
  link.href = url;
  link.download = '';
  link.click();
}
