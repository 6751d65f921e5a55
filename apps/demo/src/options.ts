import { parseArgs } from 'node:util';

export interface DemoOptions {
  /** End when everything has been shown, instead of serving on. */
  exit: boolean;
  /** Leave the sample instance and its backup on disk. */
  keep: boolean;
  help: boolean;
}

export const USAGE = `Usage: npm run demo -- [--exit] [--keep]

Makes a sample instance in a temporary directory, starts PawVault on it, takes a full backup, verifies it and shows what is in it.

  --exit   end when that is done; otherwise PawVault serves until Ctrl-C
  --keep   leave the temporary directory where it is
`;

/** @throws TypeError for an argument that does not exist */
export function readOptions(args: string[]): DemoOptions {
  const flag = { type: 'boolean', default: false } as const;
  const { values } = parseArgs({ args, options: { exit: flag, keep: flag, help: { ...flag, short: 'h' } } });
  return { exit: values.exit, keep: values.keep, help: values.help };
}
