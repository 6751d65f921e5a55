import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { writeArriving } from '@pawvault/store';
import { FileStore } from '@tus/file-store';
import { type UploadBounds, withinBounds } from './upload-file';

/** Where uploads in pieces lie until they are complete. What it says that it can do is what the routes do. */
export class UploadPieces extends FileStore {
  constructor(
    private readonly place: string,
    private readonly bounds: UploadBounds,
  ) {
    super({ directory: place });
    this.extensions = ['creation', 'creation-with-upload', 'termination'];
  }

  /**
   * The library's own would not say what the disk has failed with, nor look at it. What has arrived until then stays.
   * @throws DomainError DISK_FULL, PERMISSION_DENIED, IO_ERROR
   */
  override async write(source: Readable, id: string, offset: number): Promise<number> {
    return offset + (await writeArriving(withinBounds(source, this.bounds), join(this.place, id), offset));
  }
}
