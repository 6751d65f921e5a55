/**
 * The zip format of a backup: writer, strict reader, metadata, manifest, signatures, limits.
 *
 * Promise: what the writer makes, the reader accepts; what the reader accepts means the same to every other zip tool.
 * Not promised: repair. A damaged or ambiguous archive is refused with one code and the entry named.
 * Invariant: an entry's content is never passed on as good before its size and CRC have been proven.
 */
export { DEFAULT_LIMITS } from './limits';
export type { ArchiveLimits } from './limits';
export { ArchiveReader, openArchive } from './archive-reader';
export type { ZipEntry } from './zip-entry';
export { checkLocalHeader, checkTail, MAX_DESCRIPTOR_BYTES, MAX_LOCAL_BYTES } from './local-header';
export { headerForm, isOwnLocalHeader } from './own-headers';
export { peekMeta, peekTrust } from './peek-meta';
export type { PeekedMeta } from './peek-meta';
export { editMeta, encodeMeta, parseMeta } from './meta-codec';
export type { SignedMeta } from './meta-codec';
export { JsonNumber, parseLossless } from './lossless-json';
export type { LosslessJson } from './lossless-json';
export {
  MANIFEST_OPEN,
  manifestClose,
  manifestEntries,
  manifestLine,
  manifestLines,
  manifestSignatureState,
  readManifestHead,
} from './manifest-codec';
export { isLinkOnly, isLinkTarget } from './manifest-record';
export { checkNames, sortByName } from './name-order';
export { ensureSigningKey, loadSigningKey, SIGNING_KEY_NAME } from './signing-key';
export {
  ARCHIVE_SCHEME,
  archiveSignature,
  entryFeedHead,
  entryFeedTail,
  manifestSignature,
  RewindableHmac,
  sameSignature,
  startArchiveSignature,
  startManifestSignature,
} from './signature';
export { linkStaysInside, nameProblem } from './entry-name';
export { linkPlaceProblem, linkTarget } from './layout';
export { unknownEntries } from './unknown-entries';
export type { UnknownEntries } from './unknown-entries';
export { copyWithMeta } from './copy-with-meta';
export { ZipWriter } from './zip-writer';
export type { EncodedBatch, OpenEntry } from './zip-writer';
export { DEFLATE, encodeCentralRecord, encodeLocalHeader, S_IFDIR, S_IFLNK, S_IFREG, STORE } from './zip-format';
export type { EntryHeader, Method } from './zip-format';
