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
  const loaded = useMemo(() => pages?.flatMap(({ paths }) => paths as PlannedPath[]), [pages]);
  if (local !== null) return { ...local, isFetching: false, error: null, loadMore: null };
  const { isFetching, hasNextPage, fetchNextPage } = query;
  return {
    paths: loaded,
    counts: pages?.[0]?.counts,
    isFetching,
    error: query.error,
    loadMore: hasNextPage && !isFetching ? () => void fetchNextPage() : null,
  };
}
