import type { JobView } from '@pawvault/contracts';
import { useTranslation } from 'react-i18next';

/** What a job does, in a word or two, to name it in lists and to screen readers. */
export function useJobTitle(): (job: Pick<JobView, 'type'>) => string {
  const { t } = useTranslation();
  return ({ type }) => t(`jobs.type.${type}`);
}
