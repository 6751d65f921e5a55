import type { RestoreResult } from '@pawvault/contracts';
import { useState } from 'react';
import { useBackup } from '../api/queries';
import { useMay } from '../widgets/allowed';
import { PathFigures } from './path-figures';
import type { PathsOpening } from './path-list';
import { PathsDialog } from './paths-dialog';

/** What became of the files, and their list by the plan that was carried out. Results of earlier versions do not tell. */
export const PathsReport = ({ result }: { result: RestoreResult }) => {
  const mayLook = useMay('operator');
  const { data: backup } = useBackup(result.backup_id);
  const [opening, setOpening] = useState<PathsOpening | null>(null);
  const { plan_hash: planHash, path_counts: counts } = result;
  if (planHash === undefined || counts === undefined) return null;
  return (
    <>
      <PathFigures
        counts={counts}
        onOpen={mayLook ? (change) => setOpening({ part: null, name: null, change, counts }) : null}
      />
      <PathsDialog
        source={{ planHash, atHand: null, missing: 0 }}
        opening={opening}
        agentName={(id) => backup?.agents[id]?.name ?? id}
        onClose={() => setOpening(null)}
      />
    </>
  );
};
