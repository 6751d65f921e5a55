import { notifications } from '@mantine/notifications';
import i18next from 'i18next';
import { problemOfThrown } from '../api/problem';

/** Tells of a refusal where the page has no place of its own for it. */
export function notifyProblem(error: unknown): void {
  const { code } = problemOfThrown(error);
  notifications.show({
    color: 'red',
    title: i18next.t(`errors.${code}.title`),
    message: i18next.t(`errors.${code}.remedy`),
    autoClose: 10_000,
  });
}
