import { useVirtualizer } from '@tanstack/react-virtual';
import type { PlannedPath } from '@pawvault/contracts';
import { useEffect, useRef } from 'react';
import { PathRow } from './path-row';
import classes from './path-rows.module.css';

interface PathRowsProps {
  /** Names the list for screen readers. */
  label: string;
  paths: readonly PlannedPath[];
  /** Of all that match, loaded or not. */
  total: number;
  ownerOf: (path: PlannedPath) => string | null;
  loadMore: (() => void) | null;
}

const LINE = 33;
const TWO_LINES = 51;
/** Before the last rows are in sight, the next are asked for. */
const AHEAD = 50;

/** Draws only the paths that are in sight, and loads more while it is scrolled. */
export const PathRows = ({ label, paths, total, ownerOf, loadMore }: PathRowsProps) => {
  const box = useRef<HTMLDivElement>(null);
  const isTall = (path: PlannedPath | undefined): boolean =>
    path !== undefined && (path.reason !== null || path.detail !== null || ownerOf(path) !== null);
  const virtualizer = useVirtualizer({
    count: paths.length,
    getScrollElement: () => box.current,
    estimateSize: (index) => (isTall(paths[index]) ? TWO_LINES : LINE),
    overscan: 10,
  });
  const items = virtualizer.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (last >= paths.length - AHEAD) loadMore?.();
  }, [last, paths.length, loadMore]);
  return (
    <div ref={box} className={classes.box} tabIndex={0} role="group" aria-label={label}>
      <ul className={classes.list} style={{ height: virtualizer.getTotalSize() }}>
        {items.map(({ index, start }) => {
          const path = paths[index];
          return (
            path !== undefined && (
              <li
                key={index}
                ref={virtualizer.measureElement}
                data-index={index}
                className={classes.row}
                style={{ transform: `translateY(${start}px)` }}
                aria-posinset={index + 1}
                aria-setsize={total}
              >
                <PathRow path={path} owner={ownerOf(path)} />
              </li>
            )
          );
        })}
      </ul>
    </div>
  );
};
