import { Text } from '@mantine/core';
import { OMISSION_REASONS, type OmissionReason, type PlannedPath } from '@pawvault/contracts';
import { useTranslation } from 'react-i18next';
import { splitPath, visibleName } from './visible-name';

interface PathRowProps {
  path: PlannedPath;
  /** What it belongs to, where the list is of several. */
  owner: string | null;
}

/** A path, and below it what it belongs to and why it stays. */
export const PathRow = ({ path, owner }: PathRowProps) => {
  const { t } = useTranslation();
  const reason = useReason(path);
  const { folder, name } = splitPath(visibleName(path.path));
  const keptAs = path.kept_as !== null && t('restore.paths.kept_as', { path: visibleName(path.kept_as) });
  const below = [owner, reason, keptAs].filter((text) => text !== null && text !== false);
  return (
    <>
      <Text size="sm" ff="monospace" className="any-break">
        <Text span inherit c="dimmed">
          {folder}
        </Text>
        {name}
      </Text>
      {below.length > 0 && (
        <Text size="xs" c="dimmed" className="any-break">
          {below.join(' · ')}
        </Text>
      )}
    </>
  );
};

/** Why it stays; what is removed on request names its rule as well. */
function useReason({ reason, detail }: PlannedPath): string | null {
  const { t } = useTranslation();
  const isByRule = reason === 'excluded' || reason === null;
  if (detail === null) return reason === null ? null : t(`restore.paths.reason.${reason}`);
  if (isByRule) return t('restore.paths.rule', { rule: detail });
  if (reason !== 'omitted') return t(`restore.paths.reason.${reason}`);
  return t('restore.paths.omitted', { why: isOmission(detail) ? t(`details.omission.${detail}`) : detail });
}

const isOmission = (detail: string): detail is OmissionReason => OMISSION_REASONS.includes(detail as OmissionReason);
