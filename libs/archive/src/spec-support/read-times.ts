/**
 * A process of its own, because its time zone is fixed when it starts: node -r tools/ts-register.cjs read-times.ts <path>
 * Prints the modification times of all entries by name, as JSON, and whether the directory has the form that PawVault writes.
 */
import { openArchive } from '../archive-reader';
import { DEFAULT_LIMITS } from '../limits';
import { headerForm } from '../own-headers';

async function main(path: string): Promise<void> {
  const reader = await openArchive(path, DEFAULT_LIMITS);
  const times = Object.fromEntries(reader.entries.map(({ name, mtimeMs }) => [name, new Date(mtimeMs).toISOString()]));
  const { own, deviating } = await headerForm(reader, DEFAULT_LIMITS);
  await reader.close();
  process.stdout.write(JSON.stringify({ times, own, deviating }));
}

void main(process.argv[2] ?? '');
