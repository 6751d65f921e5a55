import type { PlannedPath } from '@pawvault/contracts';
import { useMemo } from 'react';
import { usePlanPathPages } from '../api/queries';
import { pathsAtHand, type PathCounts, type PathFilter, type PathSource } from './path-source';

export interface PathsView {
  /** As many as have been loaded; undefined until there is an answer. */
  paths: readonly PlannedPath[] | undefined;
  counts: PathCounts | undefined;
  isFetching: boolean;
  error: Error | null;
  retry: () => void;
  /** null when all are loaded. */
  loadMore: (() => void) | null;
}

/** Paths of a plan that match, from the page itself or from the gateway. */
export function usePlanPaths({ planHash, atHand }: PathSource, filter: PathFilter): PathsView {
  const { part, change, search } = filter;
  const asked = {
    change,
    search,
    ...(part !== null && { module: part.module }),
    ...(part !== null && part.agent !== null && { agent: part.agent }),
  };
  const query = usePlanPathPages(planHash, asked, atHand === null);
  const local = useMemo(
    () => (atHand === null ? null : pathsAtHand(atHand, { part, change, search })),
    [atHand, part, change, search],
  );
  const pages = query.data?.pages;
  const loaded = useMemo(() => pages?.flatMap(({ paths }) => paths), [pages]);
  if (local !== null) return { ...local, isFetching: false, error: null, retry: () => undefined, loadMore: null };
  const { isFetching, isPlaceholderData, hasNextPage, fetchNextPage } = query;
  // What was found before may stay in sight while one types, but never below the head of another change.
  const isOther = isPlaceholderData && loaded?.[0]?.change !== change;
  return {
    paths: isOther ? undefined : loaded,
    counts: pages?.[0]?.counts,
    isFetching,
    error: query.error,
    retry: () => void query.refetch(),
    loadMore: hasNextPage && !isFetching ? () => void fetchNextPage() : null,
  };
}
