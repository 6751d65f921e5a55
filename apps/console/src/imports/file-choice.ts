/** What is told of a file without reading it. */
export type ChosenFile = Pick<File, 'name' | 'size'>;

/** Why these files cannot be uploaded as an archive, as far as can be told before a byte is sent; null when the one there is can be. */
export function obstacleOf(files: readonly ChosenFile[]): 'several' | 'not_zip' | 'empty' | null {
  const [file, ...others] = files;
  if (file === undefined || others.length > 0) return 'several';
  if (!/\.zip$/i.test(file.name)) return 'not_zip';
  return file.size === 0 ? 'empty' : null;
}
