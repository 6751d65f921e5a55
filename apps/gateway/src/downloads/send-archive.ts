import type { BigIntStats } from 'node:fs';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { DomainError } from '@pawvault/contracts';
import type { StoredBackup } from '@pawvault/store';
import type { Request, Response } from '../http';
import { byteRange, type ByteRange } from './byte-range';
import { attachment } from './content-disposition';
import { isFresh, rangeApplies, type Validators } from './preconditions';
import { pump } from './pump';
import { assertGoesOn } from './resumption';

const CHUNK_BYTES = 256 * 1024;

/**
 * Answers with the archive or a range of it, in constant memory. Size, ETag and bytes come from one open file, so that an archive that
 * is replaced or deleted meanwhile is still sent whole.
 * @throws DomainError BACKUP_NOT_FOUND, RANGE_NOT_SATISFIABLE, PERMISSION_DENIED; UNAUTHORIZED as {@link assertGoesOn}
 */
export async function sendArchive(request: Request, response: Response, backup: StoredBackup): Promise<void> {
  const handle = await openArchiveFile(backup);
  try {
    const stat = await handle.stat({ bigint: true });
    const validators = validatorsOf(stat);
    assertGoesOn(request, validators.etag);
    describe(response, { backup, validators });
    if (isFresh(request.headers, validators)) {
      response.statusCode = 304;
      response.end();
      return;
    }
    const size = Number(stat.size);
    const wanted = rangeApplies(request.headers, validators.etag) ? byteRange(request.headers.range, size) : null;
    await sendBytes(response, { handle, size, wanted, bodiless: request.method === 'HEAD' });
  } finally {
    await handle.close();
  }
}

async function openArchiveFile({ source: path, id }: StoredBackup): Promise<FileHandle> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    const errno = (error as NodeJS.ErrnoException).code;
    if (errno === 'ENOENT' || errno === 'ELOOP')
      throw new DomainError('BACKUP_NOT_FOUND', undefined, { id }, { cause: error });
    throw new DomainError(
      errno === 'EACCES' ? 'PERMISSION_DENIED' : 'IO_ERROR',
      undefined,
      { path, errno },
      { cause: error },
    );
  }
}

const validatorsOf = ({ size, mtimeNs, mtimeMs, ino }: BigIntStats): Validators => ({
  etag: `"${[size, mtimeNs, ino].map((part) => part.toString(36)).join('-')}"`,
  modified: new Date(Number(mtimeMs)),
});

function describe(response: Response, { backup, validators }: { backup: StoredBackup; validators: Validators }): void {
  response.setHeader('ETag', validators.etag);
  response.setHeader('Last-Modified', validators.modified.toUTCString());
  response.setHeader('Cache-Control', 'private, no-cache');
  response.setHeader('Accept-Ranges', 'bytes');
  response.setHeader('Content-Type', 'application/zip');
  response.setHeader('Content-Disposition', attachment(backup.fileName));
}

interface Sending {
  handle: FileHandle;
  size: number;
  wanted: ByteRange | 'unsatisfiable' | null;
  bodiless: boolean;
}

async function sendBytes(response: Response, { handle, size, wanted, bodiless }: Sending): Promise<void> {
  if (wanted === 'unsatisfiable') {
    response.setHeader('Content-Range', `bytes */${size}`);
    throw new DomainError('RANGE_NOT_SATISFIABLE', undefined, { size });
  }
  const { start, end } = wanted ?? { start: 0, end: size - 1 };
  if (wanted !== null) {
    response.statusCode = 206;
    response.setHeader('Content-Range', `bytes ${start}-${end}/${size}`);
  }
  const length = end - start + 1;
  response.setHeader('Content-Length', length);
  if (bodiless || length === 0) {
    response.end();
    return;
  }
  await pump(handle.createReadStream({ start, end, autoClose: false, highWaterMark: CHUNK_BYTES }), response, length);
}
