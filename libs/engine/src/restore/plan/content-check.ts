import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open, readlink } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { errnoOf, holdBelow, holdExactly, nameForCalls, NotTheSameDirectory, parentPath } from '@pawvault/durable-fs';
import type { LiveNode } from './live-tree';

const PIECE_BYTES = 256 * 1024;

/** The digest that an archive knows of an entry: sha256 from the manifest, else the CRC of the zip directory. */
export type ContentProof = { sha256: Buffer } | { crc32: number };

/** Reads the files of a live tree through its directories, which are held open one by one: no link is followed on the way. */
export interface ContentReader {
  /**
   * Whether a live file or link of the right size has the expected content. What cannot be read is different.
   * @throws the reason of the signal
   */
  hasContent(live: { path: string; node: LiveNode }, proof: ContentProof, signal: AbortSignal): Promise<boolean>;
  close(): void;
}

/** @param root real path of a directory that is there */
export function openTree(root: string): ContentReader {
  const held = holdExactly(root);
  return {
    close: () => held.close(),
    async hasContent({ path, node }, proof, signal) {
      const digest = 'sha256' in proof ? new Sha256(proof.sha256) : new Crc(proof.crc32);
      try {
        const parent = holdBelow(held, parentPath(path));
        try {
          const place = parent.at(nameForCalls(path.slice(path.lastIndexOf('/') + 1)));
          if (node.type === 'symlink') digest.update(await readlink(place, { encoding: 'buffer' }));
          else await feedFile(place, digest, signal);
        } finally {
          parent.close();
        }
        return digest.matches();
      } catch (error) {
        signal.throwIfAborted();
        if (errnoOf(error) === undefined && !(error instanceof NotTheSameDirectory)) throw error;
        return false;
      }
    },
  };
}

/** Never waits: what was a file a moment ago may be a pipe now. */
async function feedFile(path: string | Buffer, digest: Digest, signal: AbortSignal): Promise<void> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const piece = Buffer.allocUnsafe(PIECE_BYTES);
    for (;;) {
      signal.throwIfAborted();
      const { bytesRead } = await handle.read(piece, 0, PIECE_BYTES, null);
      if (bytesRead === 0) return;
      digest.update(piece.subarray(0, bytesRead));
    }
  } finally {
    await handle.close();
  }
}

interface Digest {
  update(piece: Buffer): void;
  matches(): boolean;
}

class Sha256 implements Digest {
  private readonly hash = createHash('sha256');

  constructor(private readonly expected: Buffer) {}

  update(piece: Buffer): void {
    this.hash.update(piece);
  }

  matches(): boolean {
    return this.hash.digest().equals(this.expected);
  }
}

class Crc implements Digest {
  private value = 0;

  constructor(private readonly expected: number) {}

  update(piece: Buffer): void {
    this.value = crc32(piece, this.value);
  }

  matches(): boolean {
    return this.value === this.expected;
  }
}
