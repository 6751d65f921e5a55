import type { BackupSummary } from '@pawvault/contracts';
import type { BackupSort } from '../api/queries';
import type { Selection } from './selection';

/** What can be done in a list of backups, however it looks. */
interface ListActions {
  /** null where nothing can be done with what is selected. */
  selection: Selection | null;
  onRename: (backup: BackupSummary) => void;
  onDelete: (backup: BackupSummary) => void;
}

interface Sorting {
  sort: BackupSort;
  onSort: (sort: BackupSort) => void;
}

export interface BackupListProps extends ListActions, Sorting {
  backups: readonly BackupSummary[];
  /** Called when the end comes into sight. */
  onEnd: () => void;
}

/** The rows that are in sight, and the room that the others take, in pixels. */
export interface VisibleRows {
  rows: { backup: BackupSummary; index: number }[];
  before: number;
  after: number;
  measure: (element: Element | null) => void;
}

/** For a table or for cards. */
export interface ViewProps extends ListActions, Sorting {
  visible: VisibleRows;
  all: readonly BackupSummary[];
}

/** For a row of the table or a card. */
export interface RowProps extends ListActions {
  backup: BackupSummary;
  index: number;
  measure: VisibleRows['measure'];
}
