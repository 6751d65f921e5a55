import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { Config } from '@pawvault/config';
import { DomainError, IMPORT_ID_PATTERN, toErrorView, TRUST_MODES } from '@pawvault/contracts';
import { EXPIRY_MS } from '@pawvault/store';
import { FileStore } from '@tus/file-store';
import { Server, type Upload } from '@tus/server';
import { randomBytes } from 'node:crypto';
import { PinoLogger } from 'nestjs-pino';
import type { Request, Response } from '../http';
import { STATUS } from '../problem/status';
import { CONFIG } from '../services';
import { displayName } from './display-name';
import { Imports } from './imports';
import { admitSize } from './upload-file';

export const UPLOADS_PATH = '/api/v1/uploads';
const DIRECTORY = join('.pawvault', 'uploads');
const SWEEP_MS = 10 * 60 * 1000;
const ID = new RegExp(IMPORT_ID_PATTERN);
/** A request that has written the last byte hands the upload over at once; behind this, it has died. */
const FINISHING_MS = 60_000;

interface OpenStore {
  server: Server;
  store: FileStore;
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

  /** Answers the request; the id, where the route has one, has been checked. */
  async handle(request: Request, response: Response): Promise<void> {
    const { server } = await this.open();
    if (request.method === 'PATCH') await admitSize(this.imports.quarantine, 0, this.limits());
    // What the guards have let in is what is done: the library would take another method from here.
    delete request.headers['x-http-method-override'];
    // The server would let pages of any origin in.
    const setHeader = response.setHeader.bind(response);
    response.setHeader = (name, value) => (/^access-control-/i.test(name) ? response : setHeader(name, value));
    await server.handle(request, response);
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
    const store = new FileStore({ directory: this.directory });
    const server = new Server({
      path: UPLOADS_PATH,
      datastore: store,
      relativeLocation: true,
      maxSize: this.config.limits.maxUploadBytes,
      namingFunction: () => randomBytes(16).toString('hex'),
      onUploadCreate: async (_request, response, upload) => {
        await asTusError(admitSize(this.imports.quarantine, upload.size ?? 0, this.limits()));
        return response;
      },
      onUploadFinish: async (_request, response, upload) => {
        await asTusError(this.finish(upload));
        return response;
      },
      onResponseError: (_request, _response, error) => this.describe(error),
    });
    return { server, store };
  }

  private async finish({ id, metadata }: Upload): Promise<void> {
    const { quarantine } = this.imports;
    const trustMode = TRUST_MODES.find((mode) => mode === metadata?.['trust_mode']) ?? null;
    await quarantine.reserve({ id, fileName: displayName(metadata?.['filename'] ?? undefined), trustMode });
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
  private async lookAfter(store: FileStore, id: string): Promise<void> {
    const upload = await store.getUpload(id).catch(() => null);
    const path = join(this.directory, id);
    const { mtimeMs } = await stat(path);
    const quiet = Date.now() - mtimeMs;
    if (upload !== null && upload.size === upload.offset && quiet > FINISHING_MS) await this.finish(upload);
    else if (quiet > EXPIRY_MS) for (const each of [path, `${path}.json`]) await rm(each, { force: true });
  }

  private limits(): { maxBytes: number } {
    return { maxBytes: this.config.limits.maxUploadBytes };
  }

  /** Errors that are ours were made into answers before; what else fails is logged and tells nothing. */
  private describe(error: Error | { status_code: number; body: string }): { status_code: number; body: string } {
    if ('status_code' in error) return error;
    this.logger.error({ err: error }, 'upload failed');
    return refusalOf(error);
  }
}

const refusalOf = (error: unknown): { status_code: number; body: string } => {
  const view = toErrorView(error);
  return { status_code: STATUS[view.code], body: JSON.stringify({ ...view, status: STATUS[view.code] }) };
};

/** tus takes refusals as plain objects. */
async function asTusError(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- the form that the library asks for
    throw refusalOf(error);
  }
}
