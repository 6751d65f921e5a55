import { Anchor, Breadcrumbs, Button, Center, Group, Stack, Table, Text, Title, UnstyledButton } from '@mantine/core';
import { IconFile, IconFolder, IconLink } from '@tabler/icons-react';
import { type FileRecord, SECRETS_PREFIX } from '@pawvault/contracts';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFiles } from '../api/queries';
import { useMay } from '../widgets/allowed';
import { Answered } from '../widgets/answered';
import { downloadProps } from '../widgets/download-props';
import { useFormats } from '../widgets/formats';
import { ScrollBox } from '../widgets/scroll-box';
import { visibleName } from '../widgets/visible-name';
import { type Folder, fileUrl, folderView, pathTo } from './folder-view';

/** The files of a backup, folder by folder; a file is downloaded by its name. */
export const Browser = ({ id }: { id: string }) => {
  const { t } = useTranslation();
  const [prefix, setPrefix] = useState('');
  const query = useFiles(id, prefix);
  return (
    <Stack gap="xs" component="section">
      <Title order={2} size="h4">
        {t('details.browse.title')}
      </Title>
      <Way prefix={prefix} onGo={setPrefix} />
      {prefix.startsWith(SECRETS_PREFIX) && (
        <Text size="sm" c="dimmed">
          {t('details.browse.secrets')}
        </Text>
      )}
      <Answered query={query}>
        {({ pages }) => (
          <>
            <Listing
              id={id}
              prefix={prefix}
              entries={pages.flatMap(({ files }) => files as FileRecord[])}
              onGo={setPrefix}
            />
            {query.hasNextPage && (
              <Center>
                <Group>
                  <Text size="sm" c="dimmed">
                    {t('details.browse.incomplete')}
                  </Text>
                  <Button
                    variant="default"
                    size="xs"
                    loading={query.isFetchingNextPage}
                    onClick={() => void query.fetchNextPage()}
                  >
                    {t('app.more')}
                  </Button>
                </Group>
              </Center>
            )}
          </>
        )}
      </Answered>
    </Stack>
  );
};

const Way = ({ prefix, onGo }: { prefix: string; onGo: (prefix: string) => void }) => {
  const { t } = useTranslation();
  const steps = [{ name: t('details.browse.root'), prefix: '' }, ...pathTo(prefix)];
  return (
    <Breadcrumbs separatorMargin={6} style={{ flexWrap: 'wrap' }}>
      {steps.map((step) =>
        step.prefix === prefix ? (
          <Text key={step.prefix} size="sm" fw={500} className="any-break" aria-current="location">
            {visibleName(step.name)}
          </Text>
        ) : (
          <Anchor key={step.prefix} component="button" type="button" size="sm" onClick={() => onGo(step.prefix)}>
            {visibleName(step.name)}
          </Anchor>
        ),
      )}
    </Breadcrumbs>
  );
};

interface ListingProps {
  id: string;
  prefix: string;
  entries: readonly FileRecord[];
  onGo: (prefix: string) => void;
}

const Listing = ({ id, prefix, entries, onGo }: ListingProps) => {
  const { t } = useTranslation();
  const { folders, files } = folderView(entries, prefix);
  if (folders.length + files.length === 0) return <Text size="sm">{t('details.browse.empty')}</Text>;
  return (
    <ScrollBox label={t('details.browse.title')} maxHeight={480}>
      <Table verticalSpacing={6}>
        <Table.Tbody>
          {folders.map((folder) => (
            <FolderRow key={folder.prefix} folder={folder} onOpen={() => onGo(folder.prefix)} />
          ))}
          {files.map((file) => (
            <FileRow key={file.path} id={id} file={file} />
          ))}
        </Table.Tbody>
      </Table>
    </ScrollBox>
  );
};

const FolderRow = ({ folder, onOpen }: { folder: Folder; onOpen: () => void }) => {
  const { t } = useTranslation();
  const formats = useFormats();
  return (
    <Table.Tr>
      <Table.Td>
        <UnstyledButton onClick={onOpen} aria-label={t('details.browse.folder', { name: visibleName(folder.name) })}>
          <Group gap="xs" wrap="nowrap">
            <IconFolder size={18} aria-hidden />
            <Text size="sm" className="any-break">
              {visibleName(folder.name)}
            </Text>
          </Group>
        </UnstyledButton>
      </Table.Td>
      <Table.Td visibleFrom="xs">
        <Text size="sm" c="dimmed">
          {t('details.browse.files', { count: folder.files })}
        </Text>
      </Table.Td>
      <Table.Td ta="right" style={{ whiteSpace: 'nowrap' }}>
        {formats.bytes(folder.bytes)}
      </Table.Td>
    </Table.Tr>
  );
};

const FileRow = ({ id, file }: { id: string; file: FileRecord }) => {
  const { t } = useTranslation();
  const formats = useFormats();
  const name = visibleName(file.path.slice(file.path.lastIndexOf('/') + 1));
  const may = useMay('operator');
  const served = may && file.has_content && !file.path.startsWith(SECRETS_PREFIX);
  const Icon = file.type === 'symlink' ? IconLink : IconFile;
  return (
    <Table.Tr>
      <Table.Td>
        <Group gap="xs" wrap="nowrap">
          <Icon size={18} aria-hidden />
          {served ? (
            <Anchor
              {...downloadProps(fileUrl(id, file.path))}
              size="sm"
              className="any-break"
              aria-label={t('details.browse.download', { name })}
            >
              {name}
            </Anchor>
          ) : (
            <Text size="sm" className="any-break">
              {name}
            </Text>
          )}
        </Group>
      </Table.Td>
      <Table.Td visibleFrom="xs">
        <Text size="sm" c="dimmed">
          {file.type === 'symlink' ? <LinkTarget file={file} /> : file.mtime !== null && formats.instant(file.mtime)}
        </Text>
      </Table.Td>
      <Table.Td ta="right" style={{ whiteSpace: 'nowrap' }}>
        {formats.bytes(file.size)}
      </Table.Td>
    </Table.Tr>
  );
};

const LinkTarget = ({ file: { target } }: { file: FileRecord }) => {
  const { t } = useTranslation();
  return (
    <span className="any-break">
      {target === null ? t('details.browse.link') : t('details.browse.link_to', { target: visibleName(target) })}
    </span>
  );
};
