import archiver from 'archiver';
import { createWriteStream } from 'node:fs';
import { basename } from 'node:path';
import { finished } from 'node:stream/promises';

/** Packs directories: archiver-pass.ts <archive> <directory>... */
async function pack([target = '', ...directories]: string[]): Promise<void> {
  const archive = archiver('zip', { zlib: { level: 6 } });
  const output = createWriteStream(target);
  archive.pipe(output);
  for (const directory of directories) archive.directory(directory, `data/${basename(directory)}`);
  await archive.finalize();
  await finished(output);
}

void pack(process.argv.slice(2));
