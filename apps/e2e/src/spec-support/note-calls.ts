/** Loaded into a process before its program: appends every call of the file system in the directory NOTE_UNDER to the file NOTE_CALLS. */
import { appendFileSync } from 'node:fs';
import { failNthCall, type FsCall } from '@pawvault/testing';

const [under = '', report = ''] = [process.env['NOTE_UNDER'], process.env['NOTE_CALLS']];

/** Looks at each call and lets all of them pass. */
function note({ name, target }: FsCall): boolean {
  appendFileSync(report, `${name} ${target}\n`);
  return false;
}

void failNthCall(Infinity, { under, only: note });
