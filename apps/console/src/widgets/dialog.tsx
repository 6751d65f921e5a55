import { Modal, type ModalProps } from '@mantine/core';
import { useTranslation } from 'react-i18next';

/** A question that has to be answered or closed before the page goes on: by its button, Escape, or a click beside it. */
export const Dialog = (
  props: Pick<ModalProps, 'opened' | 'onClose' | 'title' | 'children' | 'size' | 'fullScreen'>,
) => {
  const { t } = useTranslation();
  return <Modal centered closeButtonProps={{ 'aria-label': t('app.close') }} {...props} />;
};
