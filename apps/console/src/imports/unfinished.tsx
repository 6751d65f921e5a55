import { Alert, Button, Stack, Text } from '@mantine/core';
import { IconPlayerPause } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormats } from '../widgets/formats';
import { archiveUpload } from './archive-upload';
import { arrivedOf } from './arrived';
import { isHeldByOtherTab } from './other-tabs';
import { type UnfinishedUpload } from './unfinished-upload';

/** An upload of an earlier visit: the browser gives the file to nobody who is not given it again. */
export const Unfinished = () => {
  const [kept, setKept] = useState(archiveUpload.unfinished);
  if (kept === null) return null;
  const discard = (): void => {
    setKept(null);
    void archiveUpload.discard();
  };
  return <Notice upload={kept} onDiscard={discard} />;
};

const Notice = ({ upload, onDiscard }: { upload: UnfinishedUpload; onDiscard: () => void }) => {
  const { t } = useTranslation();
  const formats = useFormats();
  const { data: arrived } = useQuery({
    queryKey: ['upload', upload.url],
    queryFn: async ({ signal }) => ((await isHeldByOtherTab(upload.url)) ? null : arrivedOf(upload.url, signal)),
    retry: false,
  });
  // Another tab goes on with it, nobody knows it any more, or nobody has said yet.
  if (arrived === null || arrived === undefined) return null;
  const figures = { done: formats.bytes(arrived), total: formats.bytes(upload.size) };
  return (
    <Alert
      color="indigo"
      variant="light"
      role="status"
      icon={<IconPlayerPause aria-hidden />}
      title={t('imports.unfinished.title', { name: upload.name })}
    >
      <Stack gap="xs" align="flex-start">
        <Text size="sm">{t('imports.unfinished.text', figures)}</Text>
        <Button variant="default" size="xs" onClick={onDiscard}>
          {t('imports.discard')}
        </Button>
      </Stack>
    </Alert>
  );
};
