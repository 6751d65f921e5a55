import { useMediaQuery } from '@mantine/hooks';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import { BackupCards } from './backup-cards';
import { BackupTable } from './backup-table';
import type { BackupListProps, VisibleRows } from './list-view';

const TABLE_ROW = 61;
const CARD = 168;

/** Draws only what is in sight, so that a thousand backups scroll as easily as ten: a table, or cards where it is narrow. */
export const BackupList = ({ backups, onEnd, ...rest }: BackupListProps) => {
  const wide = useMediaQuery('(min-width: 62em)', true, { getInitialValueInEffect: false });
  const top = useRef<HTMLDivElement>(null);
  const [offset, setOffset] = useState(0);
  useLayoutEffect(() => setOffset(top.current?.offsetTop ?? 0), [wide]);
  const virtualizer = useWindowVirtualizer({
    count: backups.length,
    estimateSize: () => (wide ? TABLE_ROW : CARD),
    overscan: 8,
    scrollMargin: offset,
    getItemKey: (index) => backups[index]?.id ?? index,
  });
  const items = virtualizer.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (last >= backups.length - 1) onEnd();
  }, [last, backups.length, onEnd]);
  const visible: VisibleRows = {
    rows: items.flatMap(({ index }) => {
      const backup = backups[index];
      return backup === undefined ? [] : [{ backup, index }];
    }),
    before: (items[0]?.start ?? offset) - offset,
    after: virtualizer.getTotalSize() - ((items.at(-1)?.end ?? offset) - offset),
    measure: virtualizer.measureElement,
  };
  const View = wide ? BackupTable : BackupCards;
  return (
    <div ref={top}>
      <View visible={visible} all={backups} {...rest} />
    </div>
  );
};
