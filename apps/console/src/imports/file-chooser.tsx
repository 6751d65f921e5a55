import { Box, Button, Text } from '@mantine/core';
import { IconUpload } from '@tabler/icons-react';
import { type DragEvent, type RefObject, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { obstacleOf } from './file-choice';
import classes from './file-chooser.module.css';

/** A button to choose a file, and a place to drop one on. */
export const FileChooser = ({ onFile }: { onFile: (file: File) => void }) => {
  const { t } = useTranslation();
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const [refused, setRefused] = useState<ReturnType<typeof obstacleOf>>(null);
  useNoNavigationByDrop();
  const take = (files: FileList | null): void => {
    const chosen = [...(files ?? [])];
    if (chosen.length === 0) return;
    const obstacle = obstacleOf(chosen);
    setRefused(obstacle);
    if (obstacle === null) onFile(chosen[0] as File);
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
      {refused !== null && (
        <Text size="sm" c="red" role="alert">
          {t(`imports.choose.${refused}`)}
        </Text>
      )}
    </Box>
  );
};

/** A file that misses the place would take the browser away from here, to show the file. */
function useNoNavigationByDrop(): void {
  useEffect(() => {
    const stay = (event: globalThis.DragEvent): void => event.preventDefault();
    addEventListener('dragover', stay);
    addEventListener('drop', stay);
    return () => {
      removeEventListener('dragover', stay);
      removeEventListener('drop', stay);
    };
  }, []);
}

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
