import { useSyncExternalStore } from 'react';
import { archiveUpload, type UploadState } from './archive-upload';

export const useArchiveUpload = (): UploadState => useSyncExternalStore(archiveUpload.subscribe, archiveUpload.current);
