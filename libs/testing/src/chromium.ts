import { execFileSync } from 'node:child_process';

/** Debian's own, or whichever PAWVAULT_CHROMIUM names; null where none can be had. */
export const CHROMIUM = process.env['PAWVAULT_CHROMIUM'] ?? found('chromium') ?? found('chromium-browser');

function found(name: string): string | null {
  try {
    return execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim();
  } catch {
    return null;
  }
}
