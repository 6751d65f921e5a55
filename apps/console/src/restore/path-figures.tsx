import { Anchor, Text } from '@mantine/core';
import type { PathChange } from '@pawvault/contracts';
import { Fragment } from 'react';
import { useTranslation } from 'react-i18next';
import classes from './path-figures.module.css';
import { CHANGES_IN_ORDER, type PathCounts } from './path-source';

interface PathFiguresProps {
  counts: PathCounts;
  /** What is the same already, where that is known. */
  unchanged?: number;
  /** Where the reader may see the paths. */
  onOpen: ((change: PathChange) => void) | null;
}

/** How many files a restore removes, changes, adds and keeps; each figure opens its paths. */
export const PathFigures = ({ counts, unchanged, onOpen }: PathFiguresProps) => {
  const { t } = useTranslation();
  return (
    <Text size="sm" component="div">
      {CHANGES_IN_ORDER.map((change, index) => {
        const text = t(`restore.preview.sum.${change}`, { count: counts[change] });
        return (
          <Fragment key={change}>
            {index > 0 && ' · '}
            {onOpen !== null && counts[change] > 0 ? (
              <Anchor
                component="button"
                type="button"
                size="sm"
                className={classes.figure ?? ''}
                onClick={() => onOpen(change)}
              >
                {text}
              </Anchor>
            ) : (
              <Text span inherit className={classes.figure ?? ''}>
                {text}
              </Text>
            )}
          </Fragment>
        );
      })}
      {unchanged !== undefined && (
        <>
          {' · '}
          <Text span inherit className={classes.figure ?? ''}>
            {t('restore.preview.sum.unchanged', { count: unchanged })}
          </Text>
        </>
      )}
    </Text>
  );
};
