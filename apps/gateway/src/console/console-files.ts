import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join, sep } from 'node:path';
import { type Encoding, ENCODINGS } from './accepted-encoding';

/** One file of the built console with every form that it can be sent in. */
export interface ConsoleFile {
  type: string;
  etag: string;
  /** Its name holds a hash of its content: whoever has it never needs to ask again. */
  immutable: boolean;
  plain: Buffer;
  compressed: Partial<Record<Encoding, Buffer>>;
}

/** By the path that a browser asks for. Whatever is not in here is never read from disk, so that no path can lead outside. */
export type ConsoleFiles = ReadonlyMap<string, ConsoleFile>;

export const INDEX = '/index.html';
/** Where the bundler puts what it names by content. */
export const ASSETS = '/assets/';

const SUFFIX: Record<Encoding, string> = { br: '.br', gzip: '.gz' };
const TYPES: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.woff2': 'font/woff2',
};

/**
 * Reads the built console into memory, a few megabytes. Files of a kind that no console needs, like source maps, stay out.
 * @param directory as the build leaves it: compressed forms lie beside their file, with `.br` and `.gz` appended
 * @returns null when there is no console: it was not built
 */
export function loadConsole(directory: string): ConsoleFiles | null {
  if (!existsSync(join(directory, INDEX))) return null;
  const names = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  const served = names.filter((name) => Object.hasOwn(TYPES, extname(name)));
  return new Map(served.map((name) => load(directory, name)));
}

function load(directory: string, name: string): [address: string, file: ConsoleFile] {
  const path = join(directory, name);
  const address = `/${name.split(sep).join('/')}`;
  const plain = readFileSync(path);
  const forms = ENCODINGS.filter((encoding) => existsSync(path + SUFFIX[encoding]));
  const file = {
    type: TYPES[extname(name)] ?? '',
    etag: `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`,
    immutable: address.startsWith(ASSETS),
    plain,
    compressed: Object.fromEntries(forms.map((encoding) => [encoding, readFileSync(path + SUFFIX[encoding])])),
  };
  return [address, file];
}
