/** Agents in the order in which they stand in an archive: by the bytes of their directory's name. Ids are ASCII. */
export const archiveOrder = (ids: readonly string[]): string[] =>
  [...ids].sort((a, b) => Buffer.compare(Buffer.from(`${a}/`), Buffer.from(`${b}/`)));
