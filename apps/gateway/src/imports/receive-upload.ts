import type { Readable } from 'node:stream';
import busboy from 'busboy';
import { DomainError, type TrustMode } from '@pawvault/contracts';
import type { ImportRecord, Quarantine } from '@pawvault/store';
import type { Request } from '../http';
import { bodyBytes, MAX_SMALL_BODY_BYTES } from '../requests/body-size';
import { displayName } from './display-name';
import { readTrust } from './read-trust';
import { admitSize, type UploadBounds, writeUpload } from './upload-file';

const MULTIPART = /^multipart\/form-data/i;
const RAW = /^application\/(zip|octet-stream|x-zip-compressed)[ \t]*(;|$)/i;
/** A form around an archive is small. */
const FORM_LIMITS = { files: 1, fields: 8, fieldSize: 1024, fieldNameSize: 100, headerPairs: 50 };

/**
 * Takes an archive into quarantine: the body itself, or the file `file` of a multipart form, whose field `trust_mode` may vouch for it. A refusal
 * leaves nothing behind.
 * @returns the import, complete on disk and in state 'checking'
 * @throws DomainError UPLOAD_INVALID, UNSUPPORTED_MEDIA_TYPE, PAYLOAD_TOO_LARGE, DISK_FULL
 */
export async function receiveUpload(request: Request, bounds: UploadBounds): Promise<ImportRecord> {
  const type = request.headers['content-type'] ?? '';
  if (!MULTIPART.test(type) && !RAW.test(type)) throw new DomainError('UNSUPPORTED_MEDIA_TYPE');
  if (!MULTIPART.test(type)) return receiveBody(request, bounds);
  const { record } = await receiveForm(request, bounds);
  if (record === null) throw new DomainError('UPLOAD_INVALID');
  return record;
}

/** Archives are compressed already, and what is measured and checked is what comes. @throws DomainError UNSUPPORTED_MEDIA_TYPE */
function refuseEncoded({ headers }: Request): void {
  if (!/^(identity)?$/i.test(headers['content-encoding'] ?? ''))
    throw new DomainError('UNSUPPORTED_MEDIA_TYPE', 'Send the archive as it is, without a Content-Encoding');
}

/** Before a byte is read. A body that does not tell its size is measured as it comes. */
async function admitBody(request: Request, { quarantine, limits }: UploadBounds): Promise<void> {
  refuseEncoded(request);
  const bytes = bodyBytes(request);
  await admitSize(quarantine, bytes === Infinity ? 0 : bytes, limits);
}

async function receiveBody(request: Request, bounds: UploadBounds): Promise<ImportRecord> {
  await admitBody(request, bounds);
  const fileName = displayName(fileNameOf(request.headers['content-disposition']));
  return store(request, bounds, { fileName, trustMode: null });
}

const fileNameOf = (disposition: string | undefined): string | undefined =>
  /filename\*?=(?:UTF-8'')?"?([^";]+)"?/i.exec(disposition ?? '')?.[1];

async function store(
  source: Readable,
  { quarantine, limits }: UploadBounds,
  facts: { fileName: string | null; trustMode: TrustMode | null },
): Promise<ImportRecord> {
  const { id } = await quarantine.reserve(facts);
  try {
    await writeUpload(source, quarantine.archivePath(id), { quarantine, limits });
    const record = await quarantine.admit(id);
    if (record.size === 0) throw new DomainError('UPLOAD_INVALID', 'The archive is empty');
    return record;
  } catch (error) {
    await quarantine.remove(id).catch(() => undefined);
    throw error;
  }
}

/** What a form held. */
export interface ReceivedForm {
  /** The archive, in state 'checking'; null when the form had none. */
  record: ImportRecord | null;
  fields: ReadonlyMap<string, string>;
}

/**
 * Fields may come before or behind the file; the trust mode is noted when both are known.
 * @throws DomainError UPLOAD_INVALID, VALIDATION_FAILED, PAYLOAD_TOO_LARGE, DISK_FULL; then nothing stays
 */
export async function receiveForm(request: Request, bounds: UploadBounds): Promise<ReceivedForm> {
  await admitBody(request, bounds);
  const form = openForm(request);
  const fields = new Map<string, string>();
  const archives: Promise<ImportRecord>[] = [];
  const refuse = (error: unknown): void => void form.destroy(error instanceof Error ? error : new Error(String(error)));
  form.on('field', (name, value) => fields.set(name, value));
  form.on('file', (name, stream, { filename }) => {
    // Whoever waits for the form to end hears of what goes wrong with a part of it.
    stream.on('error', () => undefined);
    if (name !== 'file') {
      refuse(new DomainError('UPLOAD_INVALID', 'The archive must be the part called "file"'));
      return;
    }
    const stored = store(stream, bounds, { fileName: displayName(filename), trustMode: null });
    archives.push(stored);
    stored.catch(refuse);
  });
  form.on('filesLimit', () => refuse(new DomainError('UPLOAD_INVALID', 'The form holds more than one archive')));
  form.on('fieldsLimit', () => refuse(new DomainError('UPLOAD_INVALID', 'The form holds too many fields')));
  refuseEndless(request, bounds, refuse);
  try {
    await ended(request, form);
    const record = (await archives[0]) ?? null;
    if (record === null) return { record, fields };
    return { record: await noteTrust(record, bounds.quarantine, fields.get('trust_mode')), fields };
  } catch (error) {
    for (const archive of archives) {
      const record = await archive.catch(() => null);
      if (record !== null) await bounds.quarantine.remove(record.id);
    }
    throw error;
  }
}

/** Also what is no part of any file is not read for ever. */
function refuseEndless(request: Request, { limits }: UploadBounds, refuse: (error: DomainError) => void): void {
  let received = 0;
  request.on('data', (piece: Buffer) => {
    received += piece.length;
    if (received <= limits.maxBytes + MAX_SMALL_BODY_BYTES) return;
    refuse(new DomainError('PAYLOAD_TOO_LARGE', undefined, { max_bytes: limits.maxBytes }));
  });
}

function openForm(request: Request): busboy.Busboy {
  try {
    return busboy({ headers: request.headers, limits: FORM_LIMITS, defParamCharset: 'utf8' });
  } catch (error) {
    throw new DomainError('UPLOAD_INVALID', 'The form has no boundary', {}, { cause: error });
  }
}

function ended(request: Request, form: busboy.Busboy): Promise<void> {
  return new Promise((resolve, reject) => {
    form.once('close', resolve);
    form.once('error', (error) =>
      reject(
        error instanceof DomainError
          ? error
          : new DomainError('UPLOAD_INVALID', 'The form cannot be read', {}, { cause: error }),
      ),
    );
    request.once('aborted', () => form.destroy(new DomainError('UPLOAD_INVALID', 'The upload broke off')));
    request.pipe(form);
  });
}

async function noteTrust(
  record: ImportRecord,
  quarantine: Quarantine,
  given: string | undefined,
): Promise<ImportRecord> {
  const mode = readTrust(given);
  return mode === null ? record : quarantine.update(record.id, { upload_trust_mode: mode });
}
