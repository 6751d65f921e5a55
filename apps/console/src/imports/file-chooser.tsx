import { Box, Button, Text } from '@mantine/core';
import { IconUpload } from '@tabler/icons-react';
import { type DragEvent, type RefObject, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import classes from './file-chooser.module.css';

/** A button to choose a file, and a place to drop one on. */
export const FileChooser = ({ onFile }: { onFile: (file: File) => void }) => {
  const { t } = useTranslation();
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const [several, setSeveral] = useState(false);
  const take = (files: FileList | null | undefined): void => {
    const [file, ...others] = [...(files ?? [])];
    setSeveral(others.length > 0);
    if (file !== undefined && others.length === 0) onFile(file);
  };
  const dragging = (event: DragEvent, isOver: boolean): void => {
    event.preventDefault();
    setOver(isOver);
  };
  return (
    <Box
      className={classes.zone}
      data-over={over || undefined}
      onDragOver={(event) => dragging(event, true)}
      onDragLeave={(event) => dragging(event, false)}
      onDrop={(event) => {
        dragging(event, false);
        take(event.dataTransfer.files);
      }}
    >
      <IconUpload size={36} stroke={1.3} aria-hidden />
      <Text>{t('imports.choose.text')}</Text>
      <Button onClick={() => input.current?.click()}>{t('imports.choose.button')}</Button>
      <HiddenInput ref={input} onFiles={take} />
      <Text size="sm" c="dimmed">
        {t('imports.choose.hint')}
      </Text>
      {several && (
        <Text size="sm" c="red" role="alert">
          {t('imports.choose.several')}
        </Text>
      )}
    </Box>
  );
};

interface HiddenInputProps {
  ref: RefObject<HTMLInputElement | null>;
  onFiles: (files: FileList | null) => void;
}

/** What the button opens. */
const HiddenInput = ({ ref, onFiles }: HiddenInputProps) => {
  const { t } = useTranslation();
  return (
    <input
      ref={ref}
      type="file"
      accept=".zip,application/zip"
      aria-label={t('imports.choose.label')}
      className={classes.input}
      tabIndex={-1}
      onChange={(event) => {
        onFiles(event.currentTarget.files);
        // The same file may be chosen again.
        event.currentTarget.value = '';
      }}
    />
  );
};
