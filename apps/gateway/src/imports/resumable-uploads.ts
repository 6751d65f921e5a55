import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Config } from '@pawvault/config';
import { DomainError, IMPORT_ID_PATTERN } from '@pawvault/contracts';
import { EXPIRY_MS, type ImportRecord, makeUploadDirectory, uploadDirectory } from '@pawvault/store';
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
  private readonly finishing = new Map<string, Promise<void>>();

  constructor(
    private readonly imports: Imports,
    @Inject(CONFIG) private readonly config: Config,
    private readonly logger: PinoLogger,
  ) {
    this.directory = uploadDirectory(config.directories.backupDir);
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
      // It may just be on its way from the one place to the other.
      await this.finishing.get(id);
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
    this.opened ??= Promise.resolve()
      .then(() => this.make())
      .catch((error: unknown) => {
        this.opened = null;
        throw error;
      });
    return this.opened;
  }

  private make(): OpenStore {
    makeUploadDirectory(this.config.directories.backupDir);
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
      // Who hears that it is complete finds the import, also where the request with the last byte has died.
      onIncomingRequest: async ({ method }, _response, id) => {
        if (method === 'HEAD' && isComplete(await store.getUpload(id).catch(() => null))) await this.finish(id);
      },
      onUploadFinish: async (_request, response, { id }) => {
        await this.finish(id);
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

  /** Once at a time for each: the request with the last byte, a look at it and the sweep may all find it complete. */
  private finish(id: string): Promise<void> {
    const running = this.finishing.get(id) ?? this.takeIn(id).finally(() => this.finishing.delete(id));
    this.finishing.set(id, running);
    return running;
  }

  /** The description of an upload goes last: by it the sweep finds what a gateway has died over. */
  private async takeIn(id: string): Promise<void> {
    const { store } = await this.open();
    const upload = await store.configstore.get(id);
    if (upload === undefined) return;
    const { quarantine } = this.imports;
    const record = (await quarantine.get(id).catch(nullIfUnknown)) ?? (await this.adopt(upload));
    await rm(this.descriptionOf(id), { force: true });
    if (record.state === 'checking' && record.job_id === null) await this.imports.checkWhenPossible(record);
  }

  private async adopt({ id, metadata }: Pick<Upload, 'id' | 'metadata'>): Promise<ImportRecord> {
    const facts = {
      id,
      fileName: displayName(metadata?.['filename'] ?? undefined),
      trustMode: readTrust(metadata?.['trust_mode']),
    };
    try {
      return await this.imports.quarantine.adopt(join(this.directory, id), facts);
    } catch (error) {
      // It was given up, and only its description is left.
      if (nullIfUnknown(error) === null) await rm(this.descriptionOf(id), { force: true });
      throw error;
    }
  }

  private descriptionOf(id: string): string {
    return join(this.directory, `${id}.json`);
  }

  /** Takes up uploads that were complete when a gateway died, and removes those that have stood still. What stands against one is not the others'. */
  private async sweep(): Promise<void> {
    try {
      const { store } = await this.open();
      const names = new Set(await readdir(this.directory));
      for (const id of new Set([...names].map((name) => name.replace(/\.json$/, '')).filter((name) => ID.test(name)))) {
        // One without a file has been taken in, but for the last steps.
        const looked = names.has(id) ? this.lookAfter(store, id) : this.finish(id);
        await looked.catch((error: unknown) => this.complain(error));
      }
    } catch (error) {
      this.complain(error);
    }
  }

  private complain(error: unknown): void {
    this.logger.warn({ err: error }, 'uploads could not be looked after');
  }

  /** An upload lives by its last byte; the library would count from its first. */
  private async lookAfter(store: UploadPieces, id: string): Promise<void> {
    const path = join(this.directory, id);
    const upload = await store.getUpload(id).catch(() => null);
    const quiet = Date.now() - (await stat(path)).mtimeMs;
    if (isComplete(upload) && quiet > FINISHING_MS) await this.finish(id);
    else if (quiet > EXPIRY_MS) for (const each of [path, this.descriptionOf(id)]) await rm(each, { force: true });
  }

  private bounds(): UploadBounds {
    return { quarantine: this.imports.quarantine, limits: { maxBytes: this.config.limits.maxUploadBytes } };
  }
}

const isComplete = (upload: Upload | null): boolean => upload !== null && upload.size === upload.offset;

function nullIfUnknown(error: unknown): null {
  if (error instanceof DomainError && error.code === 'IMPORT_NOT_FOUND') return null;
  throw error;
}
