/** Why an archive is refused, and what to do about it; part of the table of all errors. */
export const ARCHIVE_ERRORS = {
  ARCHIVE_NOT_ZIP: {
    title: 'The file is not a zip archive, or its end is missing',
    remedy: 'Copy the archive again from its source.',
  },
  ARCHIVE_DIRECTORY_AMBIGUOUS: {
    title: 'The zip directory can be read in more than one way',
    remedy: 'Do not trust this file; make the archive again at its source.',
  },
  ARCHIVE_DIRECTORY_INVALID: {
    title: 'The zip directory is damaged',
    remedy: 'Copy the archive again from its source.',
  },
  ARCHIVE_ZIP64_INVALID: {
    title: 'The zip64 records contradict each other',
    remedy: 'Copy the archive again from its source.',
  },
  ARCHIVE_HEADER_MISMATCH: {
    title: 'A local header contradicts the zip directory',
    remedy: 'Do not trust this file; copy the archive again from its source.',
  },
  ARCHIVE_ENTRIES_OVERLAP: {
    title: 'Entries of the zip overlap',
    remedy: 'Do not trust this file; make the archive again at its source.',
  },
  ARCHIVE_FOREIGN_BYTES: {
    title: 'The zip holds bytes that belong to no entry',
    remedy: 'Do not trust this file; make the archive again at its source.',
  },
  ARCHIVE_IS_A_LINK: {
    title: 'The archive is a symbolic link that is not followed',
    remedy:
      'Copy the file that the link leads to into the backup directory. A link is followed only if it leads to a regular file and was made by ' +
      'the user that PawVault runs as, by root, or by the owner of that file.',
  },
  ARCHIVE_METHOD_UNSUPPORTED: {
    title: 'An entry uses a compression method other than store and deflate',
    remedy: 'Make the archive again with store or deflate only.',
  },
  ARCHIVE_ENCRYPTED: { title: 'An entry is encrypted', remedy: 'Make the archive again without zip encryption.' },
  ARCHIVE_ENTRY_SIZE_MISMATCH: {
    title: 'The content of an entry has another size than declared',
    remedy: 'Copy the archive again from its source.',
  },
  ARCHIVE_ENTRY_CRC_MISMATCH: {
    title: 'The content of an entry does not match its checksum',
    remedy: 'The archive is damaged; copy it again from its source.',
  },
  ARCHIVE_ENTRY_DATA_INVALID: {
    title: 'The compressed data of an entry is damaged',
    remedy: 'The archive is damaged; copy it again from its source.',
  },
  ARCHIVE_ENTRY_HASH_MISMATCH: {
    title: 'The content of an entry does not match the manifest',
    remedy: 'The archive was changed after it was made; use another copy.',
  },
  ARCHIVE_ENTRY_MISSING: {
    title: 'The manifest names an entry that the archive lacks',
    remedy: 'The archive was changed after it was made; use another copy.',
  },
  ARCHIVE_ENTRY_UNLISTED: {
    title: 'The archive holds an entry that the manifest does not name',
    remedy: 'The archive was changed after it was made; use another copy.',
  },
  ARCHIVE_LIMIT_EXCEEDED: {
    title: 'The archive exceeds a limit',
    remedy: 'If the archive is yours, raise the PAWVAULT_LIMIT_* variable that `details` names.',
  },
  ARCHIVE_NAME_INVALID: {
    title: 'The name of an entry is not acceptable',
    remedy: 'Rename the file at the source and make the archive again.',
  },
  ARCHIVE_ENTRY_ESCAPES: {
    title: 'The name of an entry points outside the archive',
    remedy: 'Do not trust this file.',
  },
  ARCHIVE_NAME_DUPLICATE: {
    title: 'Two entries have the same name',
    remedy: 'Do not trust this file; make the archive again at its source.',
  },
  ARCHIVE_NAME_CLASH: {
    title: 'An entry is a file and a directory at once',
    remedy: 'Do not trust this file; make the archive again at its source.',
  },
  ARCHIVE_ENTRY_TYPE_UNSUPPORTED: {
    title: 'An entry is neither a file nor a directory nor a symbolic link',
    remedy: 'Make the archive again without it.',
  },
  ARCHIVE_SYMLINK_ESCAPES: {
    title: 'A symbolic link points outside its module',
    remedy: 'Do not trust this file, or make the archive again without the link.',
  },
  ARCHIVE_UNEXPECTED_ENTRY: {
    title: 'Something else lies where a backup has a document or a module',
    remedy: 'Do not trust this file; make the archive again at its source.',
  },
  ARCHIVE_AGENT_ID_INVALID: {
    title: 'The id of an agent in the archive is not usable as a directory name',
    remedy:
      'Give the agent an id without `/`, control characters and a leading dot at its source and make the archive again.',
  },
  ARCHIVE_META_MISSING: {
    title: 'The archive has no meta.json',
    remedy: 'This zip is not a backup of QwenPaw or PawVault.',
  },
  ARCHIVE_META_INVALID: {
    title: 'The meta.json of the archive is not valid',
    remedy: 'Make the archive again at its source.',
  },
  ARCHIVE_VERSION_UNSUPPORTED: {
    title: 'The archive has a format version that is not supported',
    remedy: 'Use a version of PawVault that knows the format.',
  },
  ARCHIVE_MANIFEST_INVALID: {
    title: 'The manifest of the archive is not valid',
    remedy: 'The archive was changed after it was made; use another copy.',
  },
} as const satisfies Record<string, { title: string; remedy: string }>;
