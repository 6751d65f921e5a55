import { useMediaQuery } from '@mantine/hooks';
import { useTranslation } from 'react-i18next';
import { Dialog } from '../widgets/dialog';
import { PathList, type PathsOpening } from './path-list';
import type { PathSource } from './path-source';

interface PathsDialogProps {
  source: PathSource;
  /** null: it is closed. */
  opening: PathsOpening | null;
  agentName: (id: string) => string;
  onClose: () => void;
}

/** The list of paths over the page that it was opened from; all of the screen on a phone. */
export const PathsDialog = ({ opening, onClose, ...rest }: PathsDialogProps) => {
  const { t } = useTranslation();
  const narrow = useMediaQuery('(max-width: 48em)', false, { getInitialValueInEffect: false });
  const name = opening?.name ?? null;
  const title = name === null ? t('restore.paths.title') : t('restore.paths.title_of', { name });
  return (
    <Dialog opened={opening !== null} onClose={onClose} title={title} size="xl" fullScreen={narrow}>
      {opening !== null && <PathList opening={opening} {...rest} />}
    </Dialog>
  );
};
