import { crc32, deflateRawSync } from 'node:zlib';

/** What both headers of an entry say. Every field can be forged on its own; those left out are right. */
export interface ForgedFields {
  signature?: number;
  version?: number;
  flags?: number;
  method?: number;
  /** Date in the upper, time in the lower 16 bits. */
  dosDateTime?: number;
  crc32?: number;
  compressedSize?: number;
  size?: number;
  name?: string | Buffer;
  extra?: Buffer;
}

export interface ForgedCentral extends ForgedFields {
  /** Host system in the upper byte. */
  madeBy?: number;
  comment?: string | Buffer;
  disk?: number;
  /** Unix mode in the upper 16 bits. */
  externalAttributes?: number;
  offset?: number;
}

export interface ForgedEntry extends ForgedFields {
  name: string | Buffer;
  /** The content as the sizes and the CRC describe it. */
  content?: string | Buffer;
  /** What stands in the archive for it; stored or deflated content by method when not given. */
  data?: Buffer;
  /** Unix mode with type bits; a regular file, or a directory when the name ends in `/`. */
  unixMode?: number;
  local?: ForgedFields;
  central?: ForgedCentral;
  /** Follows the data, e.g. a data descriptor. */
  behind?: Buffer;
  /** `local`: no record in the directory; `central`: only the record. */
  only?: 'local' | 'central';
}

export interface ForgedEnd {
  signature?: number;
  disk?: number;
  directoryDisk?: number;
  diskCount?: number;
  count?: number;
  directorySize?: number;
  directoryOffset?: number;
  comment?: string | Buffer;
  /** As its length field says; that of the comment when not given. */
  commentLength?: number;
}

export interface ForgedZip64 {
  signature?: number;
  recordSize?: bigint;
  disk?: number;
  directoryDisk?: number;
  diskCount?: bigint;
  count?: bigint;
  directorySize?: bigint;
  directoryOffset?: bigint;
  locator?: { disk?: number; offset?: bigint; disks?: number };
}

export interface ForgeOptions {
  end?: ForgedEnd;
  /** Adds the zip64 records in front of the end record. */
  zip64?: ForgedZip64;
  front?: Buffer;
  /** Between the last entry and the directory. */
  beforeDirectory?: Buffer;
  /** Between the directory and the closing records. */
  behindDirectory?: Buffer;
  trailing?: Buffer;
}

const UTF8 = 0x0800;
/** 2026-04-20 09:30:00 */
const DOS_DATE_TIME = ((((2026 - 1980) << 9) | (4 << 5) | 20) << 16) | (9 << 11) | (30 << 5);

/** Builds an archive byte by byte, so that a spec can lie in any field. Without lies it is a plain, valid zip. */
export function forgeZip(entries: readonly ForgedEntry[], options: ForgeOptions = {}): Buffer {
  const parts: Buffer[] = [];
  const records: Buffer[] = [];
  let written = 0;
  const push = (...more: Buffer[]): void => {
    parts.push(...more);
    written += sizeOf(more);
  };
  push(options.front ?? Buffer.alloc(0));
  for (const entry of entries) {
    const honest = honestFields(entry);
    if (entry.only !== 'local') records.push(centralRecord({ ...honest, offset: written, ...entry.central }));
    if (entry.only !== 'central')
      push(localHeader({ ...honest, ...entry.local }), honest.data, entry.behind ?? Buffer.alloc(0));
  }
  push(options.beforeDirectory ?? Buffer.alloc(0));
  const directory = { count: records.length, directoryOffset: written, directorySize: sizeOf(records) };
  for (const record of records) push(record);
  push(options.behindDirectory ?? Buffer.alloc(0));
  if (options.zip64) push(zip64Records({ ...directory, at: written }, options.zip64));
  push(endRecord({ ...directory, ...options.end }), options.trailing ?? Buffer.alloc(0));
  return Buffer.concat(parts);
}

const sizeOf = (parts: readonly Buffer[]): number => parts.reduce((sum, { length }) => sum + length, 0);

type Honest = Required<Omit<ForgedFields, 'signature'>> & { data: Buffer; externalAttributes: number; madeBy: number };

function honestFields(entry: ForgedEntry): Honest {
  const content = Buffer.from(entry.content ?? '');
  const method = entry.method ?? 0;
  const data = entry.data ?? (method === 8 ? deflateRawSync(content) : content);
  const mode = entry.unixMode ?? (toBytes(entry.name).at(-1) === 0x2f ? 0o040755 : 0o100644);
  return {
    name: entry.name,
    version: entry.version ?? 20,
    flags: entry.flags ?? UTF8,
    method,
    dosDateTime: entry.dosDateTime ?? DOS_DATE_TIME,
    crc32: entry.crc32 ?? crc32(content),
    compressedSize: entry.compressedSize ?? data.length,
    size: entry.size ?? content.length,
    extra: entry.extra ?? Buffer.alloc(0),
    externalAttributes: mode * 0x10000,
    madeBy: (3 << 8) | 20,
    data,
  };
}

const toBytes = (text: string | Buffer): Buffer => (typeof text === 'string' ? Buffer.from(text) : text);

function localHeader(fields: Honest & { signature?: number }): Buffer {
  const name = toBytes(fields.name);
  const header = Buffer.alloc(30);
  header.writeUInt32LE(fields.signature ?? 0x04034b50, 0);
  writeCommon(header.subarray(4), fields);
  header.writeUInt16LE(name.length, 26);
  header.writeUInt16LE(fields.extra.length, 28);
  return Buffer.concat([header, name, fields.extra]);
}

/** Version to uncompressed size: eleven fields that stand alike in both headers. */
function writeCommon(at: Buffer, fields: Honest): void {
  at.writeUInt16LE(fields.version, 0);
  at.writeUInt16LE(fields.flags, 2);
  at.writeUInt16LE(fields.method, 4);
  at.writeUInt32LE(fields.dosDateTime >>> 0, 6);
  at.writeUInt32LE(fields.crc32, 10);
  at.writeUInt32LE(fields.compressedSize, 14);
  at.writeUInt32LE(fields.size, 18);
}

function centralRecord(fields: Honest & ForgedCentral): Buffer {
  const name = toBytes(fields.name);
  const comment = toBytes(fields.comment ?? '');
  const record = Buffer.alloc(46);
  record.writeUInt32LE(fields.signature ?? 0x02014b50, 0);
  record.writeUInt16LE(fields.madeBy, 4);
  writeCommon(record.subarray(6), fields);
  record.writeUInt16LE(name.length, 28);
  record.writeUInt16LE(fields.extra.length, 30);
  record.writeUInt16LE(comment.length, 32);
  record.writeUInt16LE(fields.disk ?? 0, 34);
  record.writeUInt32LE(fields.externalAttributes, 38);
  record.writeUInt32LE(fields.offset ?? 0, 42);
  return Buffer.concat([record, name, fields.extra, comment]);
}

interface Directory {
  count: number;
  directoryOffset: number;
  directorySize: number;
}

function endRecord(end: Directory & ForgedEnd): Buffer {
  const comment = toBytes(end.comment ?? '');
  const record = Buffer.alloc(22);
  record.writeUInt32LE(end.signature ?? 0x06054b50, 0);
  record.writeUInt16LE(end.disk ?? 0, 4);
  record.writeUInt16LE(end.directoryDisk ?? 0, 6);
  record.writeUInt16LE(end.diskCount ?? end.count, 8);
  record.writeUInt16LE(end.count, 10);
  record.writeUInt32LE(end.directorySize, 12);
  record.writeUInt32LE(end.directoryOffset, 16);
  record.writeUInt16LE(end.commentLength ?? comment.length, 20);
  return Buffer.concat([record, comment]);
}

function zip64Records(directory: Directory & { at: number }, forged: ForgedZip64): Buffer {
  const record = Buffer.alloc(76);
  record.writeUInt32LE(forged.signature ?? 0x06064b50, 0);
  record.writeBigUInt64LE(forged.recordSize ?? 44n, 4);
  record.writeUInt16LE(45, 12);
  record.writeUInt16LE(45, 14);
  record.writeUInt32LE(forged.disk ?? 0, 16);
  record.writeUInt32LE(forged.directoryDisk ?? 0, 20);
  record.writeBigUInt64LE(forged.diskCount ?? forged.count ?? BigInt(directory.count), 24);
  record.writeBigUInt64LE(forged.count ?? BigInt(directory.count), 32);
  record.writeBigUInt64LE(forged.directorySize ?? BigInt(directory.directorySize), 40);
  record.writeBigUInt64LE(forged.directoryOffset ?? BigInt(directory.directoryOffset), 48);
  record.writeUInt32LE(0x07064b50, 56);
  record.writeUInt32LE(forged.locator?.disk ?? 0, 60);
  record.writeBigUInt64LE(forged.locator?.offset ?? BigInt(directory.at), 64);
  record.writeUInt32LE(forged.locator?.disks ?? 1, 72);
  return record;
}

/** An extra field: its id and content. */
export function extraField(id: number, content: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt16LE(id, 0);
  head.writeUInt16LE(content.length, 2);
  return Buffer.concat([head, content]);
}

/** 64-bit numbers as they stand in a zip64 extra field. */
export function zip64Numbers(...values: (number | bigint)[]): Buffer {
  const content = Buffer.alloc(values.length * 8);
  values.forEach((value, i) => content.writeBigUInt64LE(BigInt(value), i * 8));
  return extraField(1, content);
}
