import { lstatSync, readdirSync, type Stats } from 'node:fs';
import { type HeldDirectory, holdChild, identityOf } from '@pawvault/durable-fs';

/** Each level holds a descriptor; a figure about what is not taken is not worth all of them. */
const MAX_DEPTH = 100;

interface Amount {
  files: number;
  bytes: number;
}

/** Files and bytes below an excluded path. Errors do not matter for a figure that is about what is not taken. */
export function measure(parent: HeldDirectory, name: string, stat: Stats): Amount {
  if (!stat.isDirectory()) return { files: 1, bytes: stat.isFile() ? stat.size : 0 };
  const total = { files: 0, bytes: 0 };
  addDirectory({ parent, name, stat }, total, 1);
  return total;
}

function addDirectory(
  directory: { parent: HeldDirectory; name: string; stat: Stats },
  total: Amount,
  depth: number,
): void {
  let held: HeldDirectory | null = null;
  try {
    held = holdChild(directory.parent, directory.name, identityOf(directory.stat));
    for (const name of readdirSync(held.at())) {
      const stat = lstatSync(held.at(name));
      if (stat.isDirectory()) {
        if (depth < MAX_DEPTH) addDirectory({ parent: held, name, stat }, total, depth + 1);
      } else {
        total.files += 1;
        total.bytes += stat.isFile() ? stat.size : 0;
      }
    }
  } catch {
    return;
  } finally {
    held?.close();
  }
}
