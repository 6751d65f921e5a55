/** Signs that turn the direction of what follows: a name could pass for another with them. */
const TURNING = /[\u202a-\u202e\u2066-\u2069\u200e\u200f]/g;
const CONTROL = /\p{Cc}/gu;
const DELETE = 0x7f;
const PICTURES = 0x2400;
const PICTURE_OF_DELETE = 0x2421;
const UNKNOWN = '\ufffd';

/** A path as it can be read: what has no sign of its own, as a line break, gets one. */
export const visibleName = (path: string): string => path.replace(CONTROL, pictureOf).replace(TURNING, UNKNOWN);

function pictureOf(sign: string): string {
  const code = sign.charCodeAt(0);
  if (code === DELETE) return String.fromCharCode(PICTURE_OF_DELETE);
  return code < DELETE ? String.fromCharCode(PICTURES + code) : UNKNOWN;
}

/** The folder of a path and what it is called there; a folder keeps its last slash. */
export function splitPath(path: string): { folder: string; name: string } {
  const slash = path.lastIndexOf('/', path.length - 2);
  return { folder: path.slice(0, slash + 1), name: path.slice(slash + 1) };
}
