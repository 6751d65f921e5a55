/**
 * A process of its own that reads archives as far as they can be read: node -r tools/ts-register.cjs read-whole.ts <limits> <path>…
 * Prints a JSON line for each, so that a test can bound memory and count what is read.
 */
import { readFileSync } from 'node:fs';
import { DomainError } from '@pawvault/contracts';
import { peakMemory } from '@pawvault/testing';
import { openArchive } from '../archive-reader';
import { type ArchiveLimits, DEFAULT_LIMITS } from '../limits';
import { manifestLines } from '../manifest-codec';
import { peekMeta } from '../peek-meta';

export interface ReadWhole {
  path: string;
  /** null when there was nothing to refuse. */
  code: string | null;
  /** What a listing says: the id, or the code of its refusal. */
  listed: string;
  /** Bytes read from files. */
  read: number;
  /** Bytes that were inflated or copied before the refusal. */
  content: number;
  /** Most bytes that the process ever had in memory. */
  peak: number;
}

const bytesRead = (): number => Number(/^rchar: (\d+)$/m.exec(readFileSync('/proc/self/io', 'utf8'))?.[1]);

async function codeOf(act: () => Promise<void>): Promise<string | null> {
  try {
    await act();
    return null;
  } catch (error) {
    if (error instanceof DomainError) return error.code;
    throw error;
  }
}

async function readWhole(path: string, limits: ArchiveLimits): Promise<ReadWhole> {
  const before = bytesRead();
  let content = 0;
  let listed = '';
  const refusal = await codeOf(async () => {
    listed = (await peekMeta(path, limits)).meta.id;
  });
  const code = await codeOf(async () => {
    const reader = await openArchive(path, limits);
    try {
      await reader.meta(limits);
      for await (const line of manifestLines(reader)) void line;
      for (const entry of reader.entries) for await (const piece of reader.content(entry)) content += piece.length;
    } finally {
      await reader.close();
    }
  });
  return { path, code, listed: refusal ?? listed, read: bytesRead() - before, content, peak: peakMemory(process.pid) };
}

async function main([limits = '{}', ...paths]: string[]): Promise<void> {
  const merged = { ...DEFAULT_LIMITS, ...(JSON.parse(limits) as Partial<ArchiveLimits>) };
  for (const path of paths) process.stdout.write(`${JSON.stringify(await readWhole(path, merged))}\n`);
}

void main(process.argv.slice(2));
