import { notifications } from '@mantine/notifications';
import i18next from 'i18next';
import { problemOfThrown } from '../api/problem';

/** What has more than one line to be read. */
const LONG_MS = 10_000;

/** Tells in a corner, for a moment, that something has been done. */
export const notify = (message: string): void => void notifications.show({ color: 'green', message, ...closable() });

/** The same, with what has to be kept in mind about it. */
export const notifyCaution = (title: string, message: string): void =>
  void notifications.show({ color: 'yellow', title, message, autoClose: LONG_MS, ...closable() });

/** Tells of a refusal where the page has no place of its own for it. */
export function notifyProblem(error: unknown): void {
  const { code } = problemOfThrown(error);
  notifications.show({
    color: 'red',
    title: i18next.t(`errors.${code}.title`),
    message: i18next.t(`errors.${code}.remedy`),
    autoClose: LONG_MS,
    ...closable(),
  });
}

const closable = () => ({ closeButtonProps: { 'aria-label': i18next.t('app.close') } });
