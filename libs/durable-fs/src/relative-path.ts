import { dirname } from 'node:path';

/** Relative path of the parent; empty for the root. */
export const parentPath = (path: string): string => (dirname(path) === '.' ? '' : dirname(path));

/** The directories above a relative path, without the root, innermost first. */
export function pathsAbove(path: string): string[] {
  const above: string[] = [];
  for (let parent = parentPath(path); parent !== ''; parent = parentPath(parent)) above.push(parent);
  return above;
}
