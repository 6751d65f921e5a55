/** Those whose name or id has the words in it, in any case and spelling width. */
export function matching<Item extends { id: string; name: string }>(items: readonly Item[], query: string): Item[] {
  const wanted = fold(query.trim());
  return items.filter(({ id, name }) => fold(name).includes(wanted) || fold(id).includes(wanted));
}

/** For comparisons: in any case and spelling width. */
export const fold = (text: string): string => text.normalize('NFKC').toLowerCase();
