import type { MouseEvent } from 'react';
import { token } from '../api/client';
import { download } from '../api/download';
import { notifyProblem } from './notify';

interface DownloadProps {
  href: string;
  download: true;
  onClick: (event: MouseEvent) => void;
}

/** For a link to what is to be saved: an ordinary one, unless a token is needed. */
export const downloadProps = (path: string): DownloadProps => ({
  href: path,
  download: true,
  onClick: (event) => {
    if (token.get() === null) return;
    event.preventDefault();
    download(path).catch(notifyProblem);
  },
});
