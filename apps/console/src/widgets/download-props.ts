import type { MouseEvent } from 'react';
import { download } from '../api/download';
import { notifyProblem } from './notify';

interface DownloadProps {
  href: string;
  download: true;
  onClick: (event: MouseEvent) => void;
}

/**
 * For a link to what is to be saved.
 * @param onStart called once the browser has been sent there
 */
export const downloadProps = (path: string, onStart: () => void = () => undefined): DownloadProps => ({
  href: path,
  download: true,
  onClick: (event) => {
    event.preventDefault();
    download(path).then(onStart).catch(notifyProblem);
  },
});
