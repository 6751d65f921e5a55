import { Alert, Box, Center, Group, Loader, Stack, Tabs, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import type { PathChange, PlannedPath } from '@pawvault/contracts';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { problemOfThrown } from '../api/problem';
import { useFormats } from '../widgets/formats';
import { ThrownAlert } from '../widgets/problem-alert';
import { SearchField } from '../widgets/search-field';
import { PathRows } from './path-rows';
import classes from './path-list.module.css';
import { CHANGES_IN_ORDER, type PathCounts, type PathPart, type PathSource } from './path-source';
import { usePlanPaths } from './use-plan-paths';

/** What is opened: the paths of one part or of all, at one change. */
export interface PathsOpening {
  part: PathPart | null;
  /** Of the part, as the page calls it; of all there is none. */
  name: string | null;
  change: PathChange;
  counts: PathCounts;
}

interface PathListProps {
  source: PathSource;
  opening: PathsOpening;
  agentName: (id: string) => string;
}

const SEARCH_MS = 250;

/** The paths of a plan by what becomes of them, searched. */
export const PathList = ({ source, opening, agentName }: PathListProps) => {
  const { t } = useTranslation();
  const [change, setChange] = useState(opening.change);
  const [search, setSearch] = useState('');
  const [wanted] = useDebouncedValue(search.trim(), SEARCH_MS);
  const view = usePlanPaths(source, { part: opening.part, change, search: wanted });
  const counts = view.counts ?? opening.counts;
  const ownerOf = (path: PlannedPath): string | null =>
    opening.part !== null ? null : path.agent !== null ? agentName(path.agent) : t(`backups.modules.${path.module}`);
  return (
    <Stack gap="sm" className={classes.list}>
      <Group>
        <SearchField
          label={t('restore.paths.search')}
          value={search}
          onChange={setSearch}
          maxLength={1024}
          rightSection={view.isFetching && <Loader size="xs" aria-hidden />}
        />
      </Group>
      <Tabs
        value={change}
        onChange={(value) => setChange(CHANGES_IN_ORDER.find((each) => each === value) ?? change)}
        keepMounted={false}
        className={classes.tabs ?? ''}
      >
        <Heads counts={counts} />
        <Tabs.Panel value={change} className={classes.panel ?? ''}>
          <Text size="xs" c="dimmed" py="xs">
            {t(`restore.paths.meaning.${change}`)}
            {source.missing > 0 && ` ${t('restore.paths.incomplete', { count: source.missing })}`}
          </Text>
          {view.error !== null ? (
            <Failure error={view.error} onRetry={view.retry} />
          ) : (
            <Found
              key={`${change} ${wanted}`}
              view={view}
              total={counts[change]}
              label={t(`restore.preview.${change}`)}
              ownerOf={ownerOf}
            />
          )}
        </Tabs.Panel>
      </Tabs>
    </Stack>
  );
};

const Heads = ({ counts }: { counts: PathCounts }) => {
  const { t } = useTranslation();
  const formats = useFormats();
  return (
    <Tabs.List grow>
      {CHANGES_IN_ORDER.map((change) => (
        <Tabs.Tab key={change} value={change} className={classes.tab ?? ''}>
          <Text
            span
            inherit
            fw={600}
            className={classes.count ?? ''}
            {...(change === 'removed' && counts.removed > 0 && REMOVED)}
          >
            {formats.count(counts[change])}
          </Text>{' '}
          {t(`restore.preview.${change}`)}
        </Tabs.Tab>
      ))}
    </Tabs.List>
  );
};

/** After a restore there is nothing to be done about it, so that no error is made of it. */
const Failure = ({ error, onRetry }: { error: Error; onRetry: () => void }) => {
  const { t } = useTranslation();
  if (problemOfThrown(error).code !== 'RESTORE_PLAN_NOT_FOUND') return <ThrownAlert error={error} onRetry={onRetry} />;
  return (
    <Alert color="gray" role="status">
      {t('restore.paths.gone')}
    </Alert>
  );
};

const REMOVED = { c: 'var(--mantine-color-error)' } as const;

interface FoundProps {
  view: ReturnType<typeof usePlanPaths>;
  total: number;
  label: string;
  ownerOf: (path: PlannedPath) => string | null;
}

const Found = ({ view: { paths, loadMore }, total, ...rest }: FoundProps) => {
  const { t } = useTranslation();
  if (paths === undefined) {
    return (
      <Center py={48}>
        <Loader role="status" aria-label={t('app.loading')} />
      </Center>
    );
  }
  if (paths.length === 0) {
    return (
      <Text size="sm" role="status" py="md">
        {t('restore.paths.none')}
      </Text>
    );
  }
  return (
    <Box className={classes.rows}>
      <PathRows paths={paths} total={total} loadMore={loadMore} {...rest} />
    </Box>
  );
};
