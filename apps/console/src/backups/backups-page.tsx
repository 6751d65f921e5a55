import { Button } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconArchive, IconPlus, IconUpload } from '@tabler/icons-react';
import type { BackupSummary } from '@pawvault/contracts';
import { useCallback, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { type BackupFilter, useBackups } from '../api/queries';
import { OpenImports } from '../imports/import-page';
import { UploadUnderWay } from '../imports/upload-under-way';
import { Allowed, useMay } from '../widgets/allowed';
import { Answered } from '../widgets/answered';
import { Nothing } from '../widgets/nothing';
import { Page } from '../widgets/page';
import { BackupFilters } from './backup-filters';
import { BackupList } from './backup-list';
import type { BackupListProps } from './list-view';
import { DeleteDialog } from './delete-dialog';
import { ListProblem } from './list-problem';
import { RenameDialog } from './rename-dialog';
import { RunningJobs } from './running-jobs';
import { SelectionBar } from './selection-bar';
import { useSelection } from './selection';
import { UnreadableFiles } from './unreadable-files';

const EVERYTHING: BackupFilter = { q: '', kind: null, sort: '-created_at' };

export const BackupsPage = () => {
  const { t } = useTranslation();
  const [filter, setFilter] = useState(EVERYTHING);
  const [q] = useDebouncedValue(filter.q, 200);
  const query = useBackups({ ...filter, q: q.trim() });
  const total = query.data?.pages[0]?.total;
  const filtered = filter.q !== '' || filter.kind !== null;
  return (
    <Page
      size="xl"
      title={t('backups.title')}
      aside={total !== undefined && total > 0 && t('backups.count', { count: total })}
      actions={
        <Allowed to="operator">
          <Entrances />
        </Allowed>
      }
    >
      <RunningJobs />
      <UploadUnderWay />
      <OpenImports />
      <ListProblem query={query} />
      <Answered query={query}>
        {({ pages }) => (
          <>
            {(total !== 0 || filtered) && <BackupFilters filter={filter} onChange={setFilter} />}
            {total === 0 && filtered && <NothingFound onShowAll={() => setFilter(EVERYTHING)} />}
            {total === 0 && !filtered && <NoBackups />}
            <Backups
              sort={filter.sort}
              onSort={(sort) => setFilter({ ...filter, sort })}
              backups={pages.flatMap(({ backups }) => backups as BackupSummary[])}
              onEnd={query.hasNextPage && !query.isFetchingNextPage ? query.fetchNextPage : null}
            />
            <UnreadableFiles invalid={pages[0]?.invalid ?? []} duplicates={pages[0]?.duplicates ?? []} />
          </>
        )}
      </Answered>
    </Page>
  );
};

interface BackupsProps extends Pick<BackupListProps, 'sort' | 'onSort'> {
  backups: BackupSummary[];
  /** Loads what comes next; null while there is nothing to load. */
  onEnd: (() => unknown) | null;
}

const Backups = ({ backups, onEnd, ...sorting }: BackupsProps) => {
  const ids = useMemo(() => backups.map(({ id }) => id), [backups]);
  const selection = useSelection(ids);
  const mayDelete = useMay('operator');
  const [deleting, setDeleting] = useState<BackupSummary[]>([]);
  const [renaming, setRenaming] = useState<BackupSummary | null>(null);
  const reachEnd = useCallback(() => void onEnd?.(), [onEnd]);
  if (backups.length === 0) return null;
  return (
    <>
      <SelectionBar
        selection={selection}
        onDelete={() => setDeleting(backups.filter(({ id }) => selection.ids.has(id)))}
      />
      <BackupList
        {...sorting}
        backups={backups}
        selection={mayDelete ? selection : null}
        onEnd={reachEnd}
        onRename={setRenaming}
        onDelete={(backup) => setDeleting([backup])}
      />
      <DeleteDialog backups={deleting} onClose={() => setDeleting([])} onDeleted={selection.clear} />
      <RenameDialog backup={renaming} onClose={() => setRenaming(null)} />
    </>
  );
};

const Entrances = () => {
  const { t } = useTranslation();
  return (
    <>
      <Button component={Link} href="/import" variant="default" leftSection={<IconUpload size={16} aria-hidden />}>
        {t('backups.import')}
      </Button>
      <Button component={Link} href="/create" leftSection={<IconPlus size={16} aria-hidden />}>
        {t('backups.create')}
      </Button>
    </>
  );
};

const NoBackups = () => {
  const { t } = useTranslation();
  return (
    <Nothing
      icon={<IconArchive size={48} stroke={1.2} aria-hidden />}
      title={t('backups.empty.title')}
      text={t('backups.empty.text')}
    >
      <Allowed to="operator">
        <Button component={Link} href="/create">
          {t('backups.empty.create')}
        </Button>
        <Button component={Link} href="/import" variant="default">
          {t('backups.empty.import')}
        </Button>
      </Allowed>
    </Nothing>
  );
};

const NothingFound = ({ onShowAll }: { onShowAll: () => void }) => {
  const { t } = useTranslation();
  return (
    <Nothing title={t('backups.nothing_found.title')} text={t('backups.nothing_found.text')}>
      <Button variant="default" onClick={onShowAll}>
        {t('backups.nothing_found.action')}
      </Button>
    </Nothing>
  );
};
