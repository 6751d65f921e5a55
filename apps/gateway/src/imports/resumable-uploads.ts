import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Config } from '@pawvault/config';
import { DomainError, IMPORT_ID_PATTERN } from '@pawvault/contracts';
import { EXPIRY_MS } from '@pawvault/store';
import type { Upload } from '@tus/server';
import { randomBytes } from 'node:crypto';
import { PinoLogger } from 'nestjs-pino';
import type { Request, Response } from '../http';
import { bodyBytes } from '../requests/body-size';
import { pathOf } from '../requests/request-id';
import { CONFIG } from '../services';
import { displayName } from './display-name';
import { Imports } from './imports';
import { readTrust } from './read-trust';
import { admitTusRequest, fromTus, TusServer } from './tus-server';
import { admitSize, type UploadBounds } from './upload-file';
import { UploadPieces } from './upload-pieces';
import { UploadTurns } from './upload-turns';

export const UPLOADS_PATH = '/api/v1/uploads';
const DIRECTORY = join('.pawvault', 'uploads');
const SWEEP_MS = 10 * 60 * 1000;
const ID = new RegExp(IMPORT_ID_PATTERN);
/** A request that has written the last byte hands the upload over at once; behind this, it has died. */
const FINISHING_MS = 60_000;

/** A request that another one waits for may still write what has come of it. */
const LET_GO_MS = 1000;

interface OpenStore {
  server: TusServer;
  store: UploadPieces;
}

/**
 * Uploads in pieces, by the tus protocol, for large archives over connections that break. The pieces lie on the file system of the backups,
 * so that a finished upload is renamed into quarantine. The id of an upload is that of the import which it becomes.
 */
@Injectable()
export class ResumableUploads implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly directory: string;
  private opened: Promise<OpenStore> | null = null;
  private sweeping: NodeJS.Timeout | undefined;

  constructor(
    private readonly imports: Imports,
    @Inject(CONFIG) private readonly config: Config,
    private readonly logger: PinoLogger,
  ) {
    this.directory = join(config.directories.backupDir, DIRECTORY);
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.sweep();
    this.sweeping = setInterval(() => void this.sweep(), SWEEP_MS).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.sweeping);
  }

  /** Answers the request; the id, where the route has one, has been checked. @throws what it is refused for, before anything is answered */
  async handle(request: Request, response: Response): Promise<void> {
    admitTusRequest(request, response);
    const { server } = await this.open();
    if (request.method === 'PATCH') await this.admitPiece(request);
    // Else the library would take the query for a part of the id.
    request.url = pathOf(request);
    // The server would let pages of any origin in.
    const setHeader = response.setHeader.bind(response);
    response.setHeader = (name, value) => (/^access-control-/i.test(name) ? response : setHeader(name, value));
    await server.handle(request, response);
  }

  /** How far an upload is; one that has become an import is complete, which a client may not have heard of. */
  async look(id: string, request: Request, response: Response): Promise<void> {
    try {
      await this.handle(request, response);
    } catch (error) {
      if (!(error instanceof DomainError) || error.code !== 'IMPORT_NOT_FOUND') throw error;
      const { size } = await this.imports.quarantine.get(id);
      response.setHeader('Upload-Offset', size).setHeader('Upload-Length', size).end();
    }
  }

  /** The disk may have been filled since the upload began. A piece without a size is measured as it comes. */
  private async admitPiece(request: Request): Promise<void> {
    const bytes = bodyBytes(request);
    const { quarantine, limits } = this.bounds();
    await admitSize(quarantine, bytes === Infinity ? 0 : bytes, limits);
  }

  /** A backup directory that is not there yet is made with the first upload, not with the start. */
  private open(): Promise<OpenStore> {
    this.opened ??= this.make().catch((error: unknown) => {
      this.opened = null;
      throw error;
    });
    return this.opened;
  }

  private async make(): Promise<OpenStore> {
    await mkdir(this.directory, { recursive: true, mode: 0o700 });
    const store = new UploadPieces(this.directory, this.bounds());
    const server = new TusServer({
      path: UPLOADS_PATH,
      datastore: store,
      locker: new UploadTurns(),
      lockDrainTimeout: LET_GO_MS,
      relativeLocation: true,
      maxSize: this.config.limits.maxUploadBytes,
      namingFunction: () => randomBytes(16).toString('hex'),
      onUploadCreate: async (_request, response, upload) => {
        await this.admitUpload(upload);
        return response;
      },
      onUploadFinish: async (_request, response, upload) => {
        await this.finish(upload);
        return response;
      },
      onResponseError: (_request, _response, error) => {
        throw fromTus(error);
      },
    });
    return { server, store };
  }

  /** @throws DomainError UPLOAD_INVALID, VALIDATION_FAILED, PAYLOAD_TOO_LARGE, DISK_FULL */
  private async admitUpload({ size, metadata }: Upload): Promise<void> {
    const { quarantine, limits } = this.bounds();
    if (size === 0) throw new DomainError('UPLOAD_INVALID', 'The archive is empty');
    readTrust(metadata?.['trust_mode']);
    await admitSize(quarantine, size ?? 0, limits);
  }

  private async finish({ id, metadata }: Upload): Promise<void> {
    const { quarantine } = this.imports;
    await quarantine.reserve({
      id,
      fileName: displayName(metadata?.['filename'] ?? undefined),
      trustMode: readTrust(metadata?.['trust_mode']),
    });
    const record = await quarantine.admit(id, { adopt: join(this.directory, id) });
    await rm(join(this.directory, `${id}.json`), { force: true });
    await this.imports.checkWhenPossible(record);
  }

  /** Takes up uploads that were complete when a gateway died, and removes those that have stood still. */
  private async sweep(): Promise<void> {
    try {
      const { store } = await this.open();
      for (const id of (await readdir(this.directory)).filter((name) => ID.test(name))) await this.lookAfter(store, id);
    } catch (error) {
      this.logger.warn({ err: error }, 'uploads could not be looked after');
    }
  }

  /** An upload lives by its last byte; the library would count from its first. */
  private async lookAfter(store: UploadPieces, id: string): Promise<void> {
    const upload = await store.getUpload(id).catch(() => null);
    const path = join(this.directory, id);
    const { mtimeMs } = await stat(path);
    const quiet = Date.now() - mtimeMs;
    if (upload !== null && upload.size === upload.offset && quiet > FINISHING_MS) await this.finish(upload);
    else if (quiet > EXPIRY_MS) for (const each of [path, `${path}.json`]) await rm(each, { force: true });
  }

  private bounds(): UploadBounds {
    return { quarantine: this.imports.quarantine, limits: { maxBytes: this.config.limits.maxUploadBytes } };
  }
}
