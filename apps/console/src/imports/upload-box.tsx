import { Button, Group, Paper, Progress, Stack, Text } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import { useFormats } from '../widgets/formats';
import { notifyProblem } from '../widgets/notify';
import { ProblemAlert } from '../widgets/problem-alert';
import { FileChooser } from './file-chooser';
import { type RunningUpload, startUpload, type UploadState } from './upload';

/** Where a file is chosen or dropped, and how its upload goes. */
export const UploadBox = () => {
  const { t } = useTranslation();
  const { file, state, choose, pause, resume, discard } = useUpload();
  if (file === null || state === null) return <FileChooser onFile={choose} />;
  return (
    <Paper withBorder p="md">
      <Stack gap="sm">
        <Text fw={500} className="any-break">
          {file.name}
        </Text>
        {(state.phase === 'sending' || state.phase === 'paused') && <Sending name={file.name} state={state} />}
        {state.phase === 'failed' && <ProblemAlert problem={state.problem} onRetry={resume} />}
        <Group gap="xs">
          {state.phase === 'sending' && (
            <Button variant="default" size="xs" onClick={pause}>
              {t('imports.upload.pause')}
            </Button>
          )}
          {state.phase === 'paused' && (
            <Button size="xs" onClick={resume}>
              {t('imports.upload.resume')}
            </Button>
          )}
          {state.phase !== 'done' && (
            <Button variant="subtle" color="red" size="xs" onClick={discard}>
              {t('imports.upload.discard')}
            </Button>
          )}
        </Group>
      </Stack>
    </Paper>
  );
};

/** One upload at a time; when it is complete, the page of its import is next. */
function useUpload() {
  const [, navigate] = useLocation();
  const [file, setFile] = useState<File | null>(null);
  const [state, setState] = useState<UploadState | null>(null);
  const running = useRef<RunningUpload | null>(null);
  // Whoever leaves the page pauses: what has arrived is kept for an hour.
  useEffect(() => () => running.current?.pause(), []);
  const report = (next: UploadState): void => {
    setState(next);
    if (next.phase === 'done') navigate(`/imports/${next.importId}`);
  };
  const clear = (): void => {
    running.current = null;
    setFile(null);
    setState(null);
  };
  return {
    file,
    state,
    choose: (chosen: File) => {
      setFile(chosen);
      setState({ phase: 'sending', sent: 0, total: chosen.size, bytesPerSecond: 0 });
      void startUpload(chosen, report).then((upload) => (running.current = upload));
    },
    pause: () => running.current?.pause(),
    resume: () => running.current?.resume(),
    discard: () => void running.current?.discard().catch(notifyProblem).finally(clear),
  };
}

const Sending = ({ name, state }: { name: string; state: Extract<UploadState, { sent: number }> }) => {
  const { t } = useTranslation();
  const formats = useFormats();
  const { phase, sent, total, bytesPerSecond } = state;
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
          value={total === 0 ? 0 : (sent / total) * 100}
          animated={phase === 'sending'}
          aria-label={t('imports.upload.progress_of', { name })}
        />
      </Progress.Root>
      <Text size="sm" c="dimmed">
        {figures.filter((text) => text !== false).join(' · ')}
      </Text>
    </Stack>
  );
};
