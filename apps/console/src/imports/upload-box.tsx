import { Button, Group, Paper, Progress, Stack, Text } from '@mantine/core';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import { useFormats } from '../widgets/formats';
import { ProblemAlert } from '../widgets/problem-alert';
import { archiveUpload, type Sending as SendingState, type UploadState } from './archive-upload';
import { FileChooser } from './file-chooser';
import { Unfinished } from './unfinished';
import { useArchiveUpload } from './use-archive-upload';

/** Where a file is chosen or dropped, and how its upload goes. */
export const UploadBox = () => {
  const state = useArchiveUpload();
  useImportNext(state);
  if (state.phase === 'idle' || state.phase === 'done') {
    return (
      <>
        <Unfinished />
        <FileChooser onFile={(file) => void archiveUpload.begin(file)} />
      </>
    );
  }
  return (
    <Paper withBorder p="md">
      <Stack gap="sm">
        <Text fw={500} className="any-break">
          {state.name}
        </Text>
        {state.phase === 'failed' ? (
          <ProblemAlert problem={state.problem} onRetry={archiveUpload.resume} />
        ) : (
          <Sending state={state} />
        )}
        <Controls phase={state.phase} />
      </Stack>
    </Paper>
  );
};

/** When an upload has been seen to end here, the page of its import is next. */
function useImportNext(state: UploadState): void {
  const [, navigate] = useLocation();
  const seen = useRef(false);
  useEffect(() => {
    if (state.phase === 'done') {
      archiveUpload.clear();
      if (seen.current) navigate(`/imports/${state.importId}`);
    }
    seen.current = state.phase !== 'idle' && state.phase !== 'done';
  }, [state, navigate]);
}

const Controls = ({ phase }: { phase: UploadState['phase'] }) => {
  const { t } = useTranslation();
  return (
    <Group gap="xs">
      {(phase === 'sending' || phase === 'waiting') && (
        <Button variant="default" size="xs" onClick={archiveUpload.pause}>
          {t('imports.upload.pause')}
        </Button>
      )}
      {phase === 'paused' && (
        <Button size="xs" onClick={archiveUpload.resume}>
          {t('imports.upload.resume')}
        </Button>
      )}
      <Button variant="subtle" color="red" size="xs" onClick={() => void archiveUpload.discard()}>
        {t('imports.upload.discard')}
      </Button>
    </Group>
  );
};

const Sending = ({ state }: { state: SendingState }) => {
  const { t } = useTranslation();
  const formats = useFormats();
  const { phase, name, sent, total, bytesPerSecond } = state;
  const figures = [
    t('jobs.bytes', { done: formats.bytes(sent), total: formats.bytes(total) }),
    phase === 'paused' && t('imports.upload.paused'),
    bytesPerSecond > 0 && t('jobs.speed', { bytes: formats.bytes(bytesPerSecond) }),
    bytesPerSecond > 0 && t('jobs.remaining', { time: formats.duration((total - sent) / bytesPerSecond) }),
  ];
  return (
    <Stack gap={6}>
      <Progress.Root size="lg">
        <Progress.Section
          value={(sent / total) * 100}
          animated={phase === 'sending'}
          aria-label={t('imports.upload.progress_of', { name })}
        />
      </Progress.Root>
      <Text size="sm" c="dimmed">
        {figures.filter((text) => text !== false).join(' · ')}
      </Text>
      <Text size="sm" role="status">
        {phase === 'waiting' && t('imports.upload.waiting')}
      </Text>
    </Stack>
  );
};
