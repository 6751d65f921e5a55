import { closeSync, ftruncateSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { constants, crc32, deflateRawSync } from 'node:zlib';
import { FULL_SCOPE, META_NAME } from '@pawvault/contracts';
import { type ForgedEntry, forgeZip } from '@pawvault/testing';

const MEGABYTE = 1 << 20;

export const META: ForgedEntry = {
  name: META_NAME,
  content: JSON.stringify({ id: 'bomb', name: 'n', created_at: '2026-04-20T09:30:00Z', scope: FULL_SCOPE }),
};

/** Ends on a byte border and refers to nothing before it, so that pieces can be joined to one stream. */
const deflatePiece = (content: Buffer): Buffer => deflateRawSync(content, { finishFlush: constants.Z_FULL_FLUSH });

/**
 * An entry whose content begins with a text and then repeats another, by the megabyte and honestly declared. Deflate makes a thousandth of
 * it, and this makes one piece and copies that.
 */
export function fromRepeats(
  name: string,
  { first, unit, megabytes }: { first: string; unit: string; megabytes: number },
): ForgedEntry {
  const times = Math.floor(MEGABYTE / Buffer.byteLength(unit));
  const repeated = Buffer.from(unit.repeat(times));
  const piece = deflatePiece(repeated);
  const pieces = Array.from({ length: megabytes }, () => piece);
  let sum = crc32(first);
  for (let i = 0; i < megabytes; i++) sum = crc32(repeated, sum);
  const data = Buffer.concat([deflatePiece(Buffer.from(first)), ...pieces, deflateRawSync(Buffer.alloc(0))]);
  return { name, method: 8, data, crc32: sum, size: Buffer.byteLength(first) + megabytes * repeated.length };
}

/** Megabytes of zeros. `size` is what the headers say. */
export function zeros(name: string, megabytes: number, size = megabytes * MEGABYTE): ForgedEntry {
  return { ...fromRepeats(name, { first: '', unit: '\0', megabytes }), size };
}

/** Many entries that share one piece of compressed data, each quoting the headers behind it (D. Fifield, WOOT 2019). */
export function overlapping(path: string, count: number): void {
  const kernel = zeros('data/secrets/kernel', 8);
  const first = forgeZip([{ ...kernel, only: 'local' }]);
  const length = (kernel.data ?? Buffer.alloc(0)).length;
  const records = Array.from({ length: count }, (_, i): ForgedEntry => {
    const name = `data/secrets/${String(i).padStart(6, '0')}`;
    return { ...kernel, name, only: 'central', compressedSize: length, central: { offset: i % 20 } };
  });
  const tail = forgeZip([{ ...META, only: 'central' }, ...records]);
  const front = first.subarray(0, -22);
  tail.writeUInt32LE(front.length, tail.length - 6);
  writeFileSync(path, Buffer.concat([front, tail]));
}

/** A directory of records that are mostly comment: sparse on disk, so that a test need not write it. */
export function hugeComments(path: string, count: number): void {
  const fd = openSync(path, 'w');
  try {
    const record = forgeZip([{ name: 'data/secrets/x', only: 'central', extra: Buffer.alloc(65_535) }]);
    record.writeUInt16LE(65_535, 32);
    const head = record.subarray(0, 46 + 'data/secrets/x'.length);
    const length = head.length + 2 * 65_535;
    for (let i = 0; i < count; i++) writeSync(fd, head, 0, head.length, i * length);
    ftruncateSync(fd, count * length);
    const end = forgeZip([], { end: { count, directorySize: count * length } });
    writeSync(fd, end, 0, end.length, count * length);
  } finally {
    closeSync(fd);
  }
}

/** Claims as many entries as it likes: nothing but zeros stands where their records should be. */
export function countOnly(path: string, count: number): void {
  const directorySize = count * 46;
  const fd = openSync(path, 'w');
  try {
    const zip64 = { count: BigInt(count), directorySize: BigInt(directorySize), directoryOffset: 0n };
    const end = forgeZip([], {
      zip64: { ...zip64, locator: { offset: BigInt(directorySize) } },
      end: { count: 0xffff, directorySize: 0xffffffff, directoryOffset: 0xffffffff },
    });
    ftruncateSync(fd, directorySize);
    writeSync(fd, end, 0, end.length, directorySize);
  } finally {
    closeSync(fd);
  }
}

/** Names as long and as deep as they may be, different only at their ends. */
export function longNames(path: string, count: number): void {
  const stem = `data/secrets/${'dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd/'.repeat(61)}`;
  const entries = Array.from({ length: count }, (_, i): ForgedEntry => ({ name: `${stem}${(i * 7919) % count}` }));
  writeFileSync(path, forgeZip([...entries, META]));
}
