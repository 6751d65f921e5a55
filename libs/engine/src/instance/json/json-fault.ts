/** Where a file departs from JSON, and how. Lines and columns count from 1, columns in characters as editors count them. */
export interface JsonFault {
  line: number;
  column: number;
  reason: string;
}

/** @param offset in UTF-16 units */
export function faultAt(text: string, offset: number, reason: string): JsonFault {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf('\n') + 1;
  return {
    line: before.split('\n').length,
    // A byte order mark is no column: editors do not show it.
    column: [...before.slice(lineStart).replace('\ufeff', '')].length + 1,
    reason,
  };
}
