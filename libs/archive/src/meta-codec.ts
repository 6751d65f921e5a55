import {
  type BackupMeta,
  type BackupScope,
  DomainError,
  isBackupId,
  META_NAME,
  type SystemInfo,
} from '@pawvault/contracts';
import { JsonNumber, type LosslessJson, parseLossless, printCanonical } from './lossless-json';
import { pydanticDateTime } from './pydantic-time';

/** meta.json with its signatures, which never leave through the API. */
export interface SignedMeta extends BackupMeta {
  signature: string | null;
  manifest_signature: string | null;
  /** The text that both signatures cover, see {@link canonicalMeta}. */
  canonical: string;
}

const AT_META = { entry: META_NAME };

/** The ten fields that QwenPaw signs, with the defaults of its model. */
const SIGNED_DEFAULTS: [string, LosslessJson][] = [
  ['id', null],
  ['name', null],
  ['description', ''],
  ['created_at', null],
  ['version', '1'],
  ['scope', new Map()],
  ['agent_count', new JsonNumber('0')],
  ['qwenpaw_version', ''],
  ['system_info', new Map()],
  ['accepted_via_trust', null],
];

/**
 * Reads meta.json. Unknown keys are ignored, missing optional ones get QwenPaw's defaults, a `created_at` without a zone is UTC.
 * @throws DomainError ARCHIVE_META_INVALID, with the offending field in `details`
 */
export function parseMeta(bytes: Buffer): SignedMeta {
  const fields = parseFields(bytes);
  const read = new FieldReader(fields);
  const created = pydanticDateTime(read.text('created_at'));
  if (created === null) throw invalid('created_at');
  const id = read.text('id');
  if (!isBackupId(id)) throw invalid('id');
  return {
    id,
    name: read.text('name'),
    description: read.text('description', ''),
    created_at: created.instant,
    version: read.text('version', '1'),
    scope: readScope(fields.get('scope')),
    agent_count: read.count('agent_count'),
    qwenpaw_version: read.text('qwenpaw_version', ''),
    system_info: toPlain(fields.get('system_info') ?? new Map()) as SystemInfo,
    accepted_via_trust: read.flag('accepted_via_trust'),
    signature: read.optionalText('signature'),
    manifest_signature: read.optionalText('manifest_signature'),
    canonical: canonicalMeta(fields, created.printed),
  };
}

/**
 * The canonical text of the ten signed fields, as QwenPaw prints its own model: keys sorted recursively by code point, separators
 * `,` and `:`, non-ASCII unescaped, `created_at` as Pydantic prints it.
 */
function canonicalMeta(fields: Map<string, LosslessJson>, createdAt: string): string {
  const signed = new Map(SIGNED_DEFAULTS.map(([key, fallback]) => [key, fields.get(key) ?? fallback]));
  signed.set('created_at', createdAt);
  return printCanonical(signed);
}

function parseFields(bytes: Buffer): Map<string, LosslessJson> {
  try {
    const parsed = parseLossless(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    if (parsed instanceof Map) return parsed;
  } catch (error) {
    throw new DomainError('ARCHIVE_META_INVALID', 'meta.json is not valid JSON in UTF-8', AT_META, { cause: error });
  }
  throw new DomainError('ARCHIVE_META_INVALID', 'meta.json is not a JSON object', AT_META);
}

function readScope(value: LosslessJson | undefined): BackupScope {
  if (!(value instanceof Map)) throw invalid('scope');
  const flag = (key: keyof BackupScope): boolean => {
    const given = value.get(key);
    if (typeof given !== 'boolean') throw invalid(`scope.${key}`);
    return given;
  };
  return {
    include_agents: flag('include_agents'),
    include_global_config: flag('include_global_config'),
    include_secrets: flag('include_secrets'),
    include_skill_pool: flag('include_skill_pool'),
  };
}

class FieldReader {
  constructor(private readonly fields: Map<string, LosslessJson>) {}

  text(key: string, fallback?: string): string {
    const value = this.fields.get(key) ?? fallback;
    if (typeof value !== 'string') throw invalid(key);
    return value;
  }

  optionalText(key: string): string | null {
    const value = this.fields.get(key) ?? null;
    if (value !== null && typeof value !== 'string') throw invalid(key);
    return value;
  }

  flag(key: string): boolean | null {
    const value = this.fields.get(key) ?? null;
    if (value !== null && typeof value !== 'boolean') throw invalid(key);
    return value;
  }

  count(key: string): number {
    const value = this.fields.get(key) ?? new JsonNumber('0');
    const count = value instanceof JsonNumber ? Number(value.text) : Number.NaN;
    if (!Number.isSafeInteger(count) || count < 0) throw invalid(key);
    return count;
  }
}

function toPlain(value: LosslessJson): unknown {
  if (value instanceof JsonNumber) return Number(value.text);
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, item]) => [key, toPlain(item)]));
  return Array.isArray(value) ? value.map(toPlain) : value;
}

/**
 * Prints meta.json for a new archive.
 * @param signatures null for the draft whose canonical text is to be signed
 */
export function encodeMeta(
  meta: BackupMeta,
  signatures: { signature: string; manifest_signature: string } | null,
): Buffer {
  return Buffer.from(`${JSON.stringify({ ...meta, ...signatures }, null, 2)}\n`, 'utf8');
}

/**
 * Changes text fields of an existing meta.json and leaves everything else as it is spelled, unknown keys and number formats included.
 * null removes a field.
 * @throws DomainError ARCHIVE_META_INVALID
 */
export function editMeta(bytes: Buffer, changes: Record<string, string | boolean | null>): Buffer {
  const fields = parseFields(bytes);
  for (const [key, value] of Object.entries(changes)) {
    if (value === null) fields.delete(key);
    else fields.set(key, value);
  }
  return Buffer.from(`${printPlain(fields)}\n`, 'utf8');
}

/** In the order of the keys as they came, numbers as they were spelled. */
function printPlain(value: LosslessJson): string {
  if (value instanceof JsonNumber) return value.text;
  if (value instanceof Map)
    return `{${[...value].map(([key, item]) => `${JSON.stringify(key)}:${printPlain(item)}`).join(',')}}`;
  return Array.isArray(value) ? `[${value.map(printPlain).join(',')}]` : JSON.stringify(value);
}

const invalid = (field: string): DomainError =>
  new DomainError('ARCHIVE_META_INVALID', `meta.json: ${field} is missing or not valid`, { ...AT_META, field });
