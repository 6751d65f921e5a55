import { Code, List } from '@mantine/core';
import type { RestorePlan } from '@pawvault/contracts';
import { useTranslation } from 'react-i18next';
import { sourceOf } from './path-source';
import { usePlanPaths } from './use-plan-paths';
import { visibleName } from './visible-name';

/** So many are named before the restore is confirmed; the preview lists all. */
const NAMED = 5;

/** What is removed, by name: the one thing that a look at numbers does not tell. */
export const RemovedPaths = ({ plan }: { plan: RestorePlan }) => {
  const { t } = useTranslation();
  const { paths = [] } = usePlanPaths(sourceOf(plan), { part: null, change: 'removed', search: '' });
  const count = plan.path_counts.removed;
  if (count === 0) return null;
  const named = paths.slice(0, NAMED);
  const others = count - named.length;
  return (
    <List.Item>
      {t('restore.confirm.removed', { count })}
      <List size="xs" listStyleType="none" mt={2}>
        {named.map(({ module, agent, path }) => (
          <List.Item key={`${module} ${agent} ${path}`}>
            <Code className="any-break">{visibleName(path)}</Code>
          </List.Item>
        ))}
        {others > 0 && named.length > 0 && (
          <List.Item>{t('restore.confirm.removed_others', { count: others })}</List.Item>
        )}
      </List>
    </List.Item>
  );
};
