import { pipeline } from 'node:stream/promises';
import { crc32 } from 'node:zlib';
import { Open } from 'unzipper';

const AT_ONCE = 8;

/** Reads every entry of an archive, eight at a time: unzipper-pass.ts <archive> */
async function test([path = '']: string[]): Promise<void> {
  const { files } = await Open.file(path);
  const left = files.values();
  const drain = async (): Promise<void> => {
    for (const file of left) {
      let checksum = 0;
      await pipeline(file.stream(), async (chunks: AsyncIterable<Buffer>) => {
        for await (const chunk of chunks) checksum = crc32(chunk, checksum);
      });
      if (checksum !== file.crc32) throw new Error(`damaged: ${file.path}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, drain));
}

void test(process.argv.slice(2));
