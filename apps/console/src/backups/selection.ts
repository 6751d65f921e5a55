import { useMemo, useState } from 'react';

/** Which backups are ticked, by id. Backups that are gone are ticked no more. */
export interface Selection {
  ids: ReadonlySet<string>;
  toggle: (id: string) => void;
  /** Ticks all of these, or none if all are. */
  toggleAll: (ids: readonly string[]) => void;
  clear: () => void;
}

export function useSelection(existing: readonly string[]): Selection {
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const ids = useMemo(() => new Set(existing.filter((id) => ticked.has(id))), [existing, ticked]);
  return {
    ids,
    toggle: (id) => setTicked(toggled(ids, id)),
    toggleAll: (all) => setTicked(all.every((id) => ids.has(id)) ? new Set() : new Set(all)),
    clear: () => setTicked(new Set()),
  };
}

export function toggled<Item>(set: ReadonlySet<Item>, item: Item): ReadonlySet<Item> {
  const next = new Set(set);
  if (!next.delete(item)) next.add(item);
  return next;
}
