import { Anchor, Button, Group, List, Stack, Text } from '@mantine/core';
import type { CreateResult, JobView } from '@pawvault/contracts';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { RestoreReport } from '../restore/restore-report';
import { useFormats } from '../widgets/formats';
import { Success } from '../widgets/success';
import { VerifyReport } from './verify-report';

/** What a completed job has to tell, by its type; null where there is nothing beyond that it is done. */
export const JobResult = ({ job }: { job: JobView }) => {
  if (is(job, 'backup.create')) return <Created result={job.result} />;
  if (is(job, 'backup.verify')) return <VerifyReport result={job.result} />;
  if (is(job, 'backup.restore')) return <RestoreReport result={job.result} />;
  if (is(job, 'import.check') || is(job, 'import.accept')) return <ToImport id={job.result.id} />;
  return null;
};

type Completed<T extends JobView['type']> = JobView<T> & { result: NonNullable<JobView<T>['result']> };

/** The type of a job says what its result is. */
const is = <T extends JobView['type']>(job: JobView, type: T): job is Completed<T> & JobView =>
  job.type === type && job.result !== null;

const ToImport = ({ id }: { id: string }) => {
  const { t } = useTranslation();
  return (
    <Anchor component={Link} href={`/imports/${id}`}>
      {t('imports.one')}
    </Anchor>
  );
};

const Created = ({ result }: { result: CreateResult }) => {
  const { t } = useTranslation();
  const formats = useFormats();
  const address = `/backups/${encodeURIComponent(result.backup_id)}`;
  return (
    <Success title={t('create.done')}>
      <Stack gap="sm" align="flex-start">
        <Text size="sm">
          {t('create.done_text', {
            count: result.files,
            bytes: formats.bytes(result.bytes),
            size: formats.bytes(result.size),
            time: formats.duration(result.duration_ms / 1000),
          })}
        </Text>
        {result.omission_count > 0 && (
          <List size="sm">
            <List.Item>
              <Anchor component={Link} href={address} size="sm">
                {t('create.omitted', { count: result.omission_count })}
              </Anchor>
            </List.Item>
          </List>
        )}
        <Group gap="xs">
          <Button component={Link} href={address} size="xs">
            {t('create.show')}
          </Button>
        </Group>
      </Stack>
    </Success>
  );
};
