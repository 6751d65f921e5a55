import { posix } from 'node:path';
import { Readable } from 'node:stream';
import type { FileRecord } from '@pawvault/contracts';
import type { OpenedFile } from '@pawvault/store';
import type { Request, Response } from '../http';
import { attachment } from './content-disposition';
import { pump } from './pump';

/**
 * Answers with one file of an archive.
 * @throws DomainError BACKUP_INVALID as long as nothing has been sent; later damage cuts the connection
 */
export async function sendFile(request: Request, response: Response, { record, stream }: OpenedFile): Promise<void> {
  if (request.method === 'HEAD') {
    stream.destroy();
    describe(response, record);
    response.end();
    return;
  }
  const pieces = stream[Symbol.asyncIterator]() as AsyncIterableIterator<Buffer>;
  const first = await pieces.next();
  describe(response, record);
  await pump(Readable.from(resume(first, pieces), { objectMode: false }), response, record.size);
}

/** A download of unknown kind: an archive may hold a page with scripts, and it must not run where the API lives. */
function describe(response: Response, { path, size }: FileRecord): void {
  response.setHeader('Content-Type', 'application/octet-stream');
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Content-Security-Policy', "default-src 'none'; sandbox");
  response.setHeader('Content-Disposition', attachment(posix.basename(path)));
  response.setHeader('Content-Length', size);
}

async function* resume(
  first: IteratorResult<Buffer, unknown>,
  rest: AsyncIterableIterator<Buffer>,
): AsyncGenerator<Buffer> {
  try {
    if (first.done !== true) yield first.value;
    yield* rest;
  } finally {
    await rest.return?.();
  }
}
