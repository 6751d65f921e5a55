import {
  infiniteQueryOptions,
  keepPreviousData,
  queryOptions,
  useInfiniteQuery,
  useQuery,
  type UseQueryResult,
} from '@tanstack/react-query';
import type { BackupKind, JobState, JobView, ModuleName, PathChange } from '@pawvault/contracts';
import { isForgotten, isUnderWay } from '../imports/import-state';
import { hasEnded, pollDelay } from '../jobs/poll-delay';
import { answer, api } from './client';
import type { operations } from './schema';

export type BackupSort = NonNullable<NonNullable<operations['backups_list']['parameters']['query']>['sort']>;

export interface BackupFilter {
  q: string;
  kind: BackupKind | null;
  sort: BackupSort;
}

/** The most that the API gives at once: a table of 1,000 is there after five questions. */
const PAGE_OF_BACKUPS = 200;
const PAGE_OF_JOBS = 50;
const PAGE_OF_FILES = 5000;
const PAGE_OF_PATHS = 500;
/** How often lists that others may change are looked at again. */
const LIST_MS = 10_000;
const LIVE_LIST_MS = 2000;

export const backupsQuery = ({ q, kind, sort }: BackupFilter) =>
  infiniteQueryOptions({
    queryKey: ['backups', { q, kind, sort }],
    queryFn: ({ pageParam, signal }) => {
      const query = { sort, limit: PAGE_OF_BACKUPS, ...(q && { q }), ...(kind && { kind }), ...cursorOf(pageParam) };
      return answer(api.GET('/api/v1/backups', { params: { query }, signal }));
    },
    initialPageParam: null as string | null,
    getNextPageParam: ({ next_cursor }) => next_cursor,
    placeholderData: keepPreviousData,
    refetchInterval: LIST_MS,
  });

export const useBackups = (filter: BackupFilter) => useInfiniteQuery(backupsQuery(filter));

export const backupQuery = (id: string) =>
  queryOptions({
    queryKey: ['backup', id],
    queryFn: ({ signal }) => answer(api.GET('/api/v1/backups/{id}', { params: { path: { id } }, signal })),
  });

export const useBackup = (id: string) => useQuery(backupQuery(id));

/** Who the reader is for the gateway. It stays so until another token is entered, and then everything is forgotten. */
export const useSession = () =>
  useQuery({
    queryKey: ['session'],
    queryFn: ({ signal }) => answer(api.GET('/api/v1/session', { signal })),
    staleTime: Infinity,
  });

export const useInstance = () =>
  useQuery({
    queryKey: ['instance'],
    queryFn: ({ signal }) => answer(api.GET('/api/v1/instance', { signal })),
    staleTime: 15_000,
  });

export const useFiles = (id: string, prefix: string) =>
  useInfiniteQuery({
    queryKey: ['files', id, prefix],
    queryFn: ({ pageParam, signal }) => {
      const query = { prefix, limit: PAGE_OF_FILES, ...cursorOf(pageParam) };
      return answer(api.GET('/api/v1/backups/{id}/files', { params: { path: { id }, query }, signal }));
    },
    initialPageParam: null as string | null,
    getNextPageParam: ({ next_cursor }) => next_cursor,
  });

export interface PlanPathsFilter {
  change: PathChange;
  /** Empty: all of them. */
  search: string;
  module?: ModuleName;
  agent?: string;
}

/** The paths of a plan, page after page. A plan never changes, so neither does its list. */
export const usePlanPathPages = (planHash: string, filter: PlanPathsFilter, enabled: boolean) =>
  useInfiniteQuery({
    queryKey: ['plan paths', planHash, filter],
    queryFn: ({ pageParam, signal }) => {
      const { search, ...rest } = filter;
      const query = { ...rest, limit: PAGE_OF_PATHS, ...(search && { search }), ...cursorOf(pageParam) };
      const params = { path: { plan_hash: planHash }, query };
      return answer(api.GET('/api/v1/restore-plans/{plan_hash}/paths', { params, signal }));
    },
    initialPageParam: null as string | null,
    getNextPageParam: ({ next_cursor }) => next_cursor,
    placeholderData: keepPreviousData,
    staleTime: Infinity,
    retry: false,
    enabled,
  });

const askForJob = async (id: string, signal?: AbortSignal): Promise<JobView> =>
  await answer(api.GET('/api/v1/jobs/{id}', { params: { path: { id } }, ...(signal && { signal }) }));

/** A job, asked about again and again until it has ended, whatever happens to the connection meanwhile. */
export const useJob = (id: string): UseQueryResult<JobView> =>
  useQuery({
    queryKey: ['job', id],
    queryFn: ({ signal }) => askForJob(id, signal),
    retry: false,
    refetchInterval: ({ state: { data, fetchFailureCount, error } }) =>
      pollDelay({ state: data?.state ?? null, failures: error === null ? 0 : Math.max(1, fetchFailureCount) }),
    refetchIntervalInBackground: true,
  });

export const useJobs = (state: JobState | null) =>
  useInfiniteQuery({
    queryKey: ['jobs', state],
    queryFn: ({ pageParam, signal }) => {
      const query = { limit: PAGE_OF_JOBS, ...(state && { state }), ...cursorOf(pageParam) };
      return answer(api.GET('/api/v1/jobs', { params: { query }, signal }));
    },
    initialPageParam: null as string | null,
    getNextPageParam: ({ next_cursor }) => next_cursor,
    refetchInterval: ({ state: { data } }) =>
      data?.pages.some(({ jobs }) => jobs.some((job) => !hasEnded(job.state))) ? LIVE_LIST_MS : LIST_MS,
  });

/** Jobs that wait or run, the running ones first. */
export const useUnfinishedJobs = () =>
  useQuery({
    queryKey: ['jobs', 'unfinished'],
    queryFn: async ({ signal }) => {
      const of = (state: JobState) => answer(api.GET('/api/v1/jobs', { params: { query: { state } }, signal }));
      const [running, queued] = await Promise.all([of('running'), of('queued')]);
      return [...running.jobs, ...queued.jobs] as JobView[];
    },
    refetchInterval: ({ state: { data } }) => (data?.length ? LIVE_LIST_MS : LIST_MS),
  });

const cursorOf = (cursor: string | null): { cursor?: string } => (cursor === null ? {} : { cursor });

const IMPORT_MS = 700;

const MOST_IMPORTS = 200;

/** Archives that were uploaded and not yet cleared away: the newest of them, for each is gone after an hour. */
export const useImports = () =>
  useQuery({
    queryKey: ['imports'],
    queryFn: async ({ signal }) => {
      const query = { limit: MOST_IMPORTS };
      return (await answer(api.GET('/api/v1/imports', { params: { query }, signal }))).imports;
    },
    refetchInterval: LIST_MS,
  });

/** One of them, asked about until nothing about it changes by itself. */
export const useImport = (id: string) =>
  useQuery({
    queryKey: ['import', id],
    queryFn: ({ signal }) => answer(api.GET('/api/v1/imports/{id}', { params: { path: { id } }, signal })),
    refetchInterval: ({ state: { data, error } }) => {
      if (error !== null) return isForgotten(error) ? false : LIST_MS;
      return data && isUnderWay(data) ? IMPORT_MS : LIST_MS;
    },
  });
