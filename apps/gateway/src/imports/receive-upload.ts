import type { Readable } from 'node:stream';
import busboy from 'busboy';
import { DomainError, TRUST_MODES, type TrustMode } from '@pawvault/contracts';
import type { ImportRecord, Quarantine } from '@pawvault/store';
import type { Request } from '../http';
import { displayName } from './display-name';
import { admitSize, type UploadLimits, writeUpload } from './upload-file';

export interface Reception {
  quarantine: Quarantine;
  limits: UploadLimits;
}

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
export async function receiveUpload(request: Request, reception: Reception): Promise<ImportRecord> {
  const type = request.headers['content-type'] ?? '';
  if (!MULTIPART.test(type) && !RAW.test(type)) throw new DomainError('UNSUPPORTED_MEDIA_TYPE');
  const declared = Number(request.headers['content-length'] ?? 0);
  await admitSize(reception.quarantine, Number.isFinite(declared) ? declared : 0, reception.limits);
  if (!MULTIPART.test(type)) return receiveBody(request, reception);
  const { record } = await receiveForm(request, reception);
  if (record === null) throw new DomainError('UPLOAD_INVALID');
  return record;
}

async function receiveBody(request: Request, reception: Reception): Promise<ImportRecord> {
  const fileName = displayName(fileNameOf(request.headers['content-disposition']));
  const record = await store(request, reception, { fileName, trustMode: null });
  if (record.size > 0) return record;
  await reception.quarantine.remove(record.id);
  throw new DomainError('UPLOAD_INVALID', 'The body is empty');
}

const fileNameOf = (disposition: string | undefined): string | undefined =>
  /filename\*?=(?:UTF-8'')?"?([^";]+)"?/i.exec(disposition ?? '')?.[1];

async function store(
  source: Readable,
  { quarantine, limits }: Reception,
  facts: { fileName: string | null; trustMode: TrustMode | null },
): Promise<ImportRecord> {
  const { id } = await quarantine.reserve(facts);
  try {
    await writeUpload(source, quarantine.archivePath(id), { quarantine, limits });
    return await quarantine.admit(id);
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
export async function receiveForm(request: Request, reception: Reception): Promise<ReceivedForm> {
  const form = openForm(request);
  const fields = new Map<string, string>();
  const archives: Promise<ImportRecord>[] = [];
  const troubles: DomainError[] = [];
  form.on('field', (name, value) => fields.set(name, value));
  form.on('file', (name, stream, { filename }) => {
    if (name !== 'file') {
      troubles.push(new DomainError('UPLOAD_INVALID', 'The archive must be the part called "file"'));
      stream.resume();
      return;
    }
    const stored = store(stream, reception, { fileName: displayName(filename), trustMode: null });
    archives.push(stored);
    // Whoever waits for the form to end hears of it; until then nobody listens.
    stored.catch((error: unknown) => form.destroy(error instanceof Error ? error : new Error(String(error))));
  });
  for (const event of ['filesLimit', 'fieldsLimit', 'partsLimit'] as const)
    form.on(event, () => troubles.push(new DomainError('UPLOAD_INVALID', 'The form holds more than one archive')));
  try {
    await ended(request, form);
    const record = (await archives[0]) ?? null;
    if (troubles[0] !== undefined) throw troubles[0];
    if (record === null) return { record, fields };
    return { record: await noteTrust(record, reception.quarantine, fields.get('trust_mode')), fields };
  } catch (error) {
    for (const archive of archives) {
      const record = await archive.catch(() => null);
      if (record !== null) await reception.quarantine.remove(record.id);
    }
    throw error;
  }
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
  if (given === undefined || given === '') return record;
  const mode = TRUST_MODES.find((each) => each === given);
  if (mode === undefined)
    throw new DomainError('VALIDATION_FAILED', 'trust_mode must be legacy or foreign', { fields: ['trust_mode'] });
  return quarantine.update(record.id, { upload_trust_mode: mode });
}
