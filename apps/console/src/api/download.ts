import { answer, api } from './client';

/**
 * Lets the browser save what is at a path to the disk: it goes there by itself, so that nothing of it passes through the page. The gateway is
 * asked first, because a browser only says that a download failed, and not why; where a token is needed, which it cannot send by itself,
 * the address that comes back carries a ticket.
 * @throws ProblemError with what the download would be refused for
 */
export async function download(path: string): Promise<void> {
  const { url } = await answer(api.POST('/api/v1/download-tickets', { body: { path } }));
  const link = document.createElement('a');
  link.href = url;
  link.download = '';
  link.click();
}
