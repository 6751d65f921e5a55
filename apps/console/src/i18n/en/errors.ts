import { type ErrorCode, ERRORS } from '@pawvault/contracts';
import type { LocalCode } from '../../api/problem';

/** What happened, and the next step. */
export interface ErrorText {
  title: string;
  remedy: string;
}

/** Where the table of the API tells a programmer what to send, the page tells its reader what to do here. */
const ON_THE_PAGE = {
  VALIDATION_FAILED: {
    title: 'The request is not valid',
    remedy: 'Correct the fields that are named below and try again.',
  },
  ROUTE_NOT_FOUND: {
    title: 'This address does not exist',
    remedy: 'The console and the gateway may be of different versions: reload the page.',
  },
  METHOD_NOT_ALLOWED: {
    title: 'The gateway does not know this request',
    remedy: 'The console and the gateway may be of different versions: reload the page.',
  },
  UNAUTHORIZED: {
    title: 'A token is needed',
    remedy: 'Enter the token that PawVault was started with in PAWVAULT_TOKEN.',
  },
  FORBIDDEN: {
    title: 'Your token does not allow this',
    remedy: 'Enter a token with a higher role, or ask an admin.',
  },
  RATE_LIMITED: {
    title: 'Too many requests',
    remedy: 'Wait a minute and try again.',
  },
  IMPORT_NOT_FOUND: {
    title: 'There is no such import',
    remedy: 'An import that nobody decides about expires after an hour. Upload the archive again.',
  },
  IMPORT_NOT_DECIDABLE: {
    title: 'Nothing can be decided about this import now',
    remedy: 'Wait while a job works on it; what is accepted or refused stays so.',
  },
  UPLOAD_INVALID: {
    title: 'The upload holds no archive',
    remedy: 'Choose a .zip file and try again.',
  },
  UPLOAD_OFFSET_CONFLICT: {
    title: 'The gateway has another part of the file than was thought',
    remedy: 'Continue the upload: the console asks first where it stands.',
  },
  UPLOAD_BUSY: {
    title: 'The same upload goes on elsewhere, maybe in another tab',
    remedy: 'Wait until that one has ended, or continue in a moment.',
  },
  UPLOAD_PROTOCOL_UNSUPPORTED: {
    title: 'The gateway does not know this kind of upload',
    remedy: 'The console and the gateway may be of different versions: reload the page.',
  },
  UNSUPPORTED_MEDIA_TYPE: {
    title: 'This kind of content is not understood',
    remedy: 'Reload the page and try again. An archive has to be a .zip file.',
  },
  RANGE_NOT_SATISFIABLE: {
    title: 'The range lies outside the file',
    remedy: 'Start the download again.',
  },
  AGENT_NOT_FOUND: {
    title: 'A selected agent is not in the registry',
    remedy: 'Refresh the list of agents and choose again.',
  },
  BACKUP_NOT_FOUND: {
    title: 'There is no such backup',
    remedy: 'It may have been deleted. Go back to the list of backups.',
  },
  BACKUP_EXISTS: {
    title: 'A backup with this id exists already',
    remedy: 'Choose to overwrite it, or delete the other one first.',
  },
  BACKUP_FILE_NOT_FOUND: {
    title: 'The backup has no such file',
    remedy: 'Choose from the files that its details list.',
  },
  backup_legacy_unsigned: {
    title: 'The archive is not signed',
    remedy: 'If you trust where it comes from, say so and go on.',
  },
  backup_signature_mismatch: {
    title: 'The archive was signed with another key, or changed since',
    remedy: 'If you trust where it comes from, say so and go on.',
  },
  RESTORE_NEEDS_FULL_BACKUP: {
    title: 'A full restore needs a full backup',
    remedy: 'Choose Custom, and what to take from this backup.',
  },
  RESTORE_DESTINATION_REFUSED: {
    title: 'An agent cannot be restored to its destination',
    remedy: 'Choose another location for new agents, or correct the workspace_dir of the agent in config.json.',
  },
  RESTORE_PLAN_DRIFTED: {
    title: 'The instance has changed since the preview',
    remedy: 'Nothing was changed. Look at a new preview, then restore.',
  },
} as const satisfies Partial<Record<ErrorCode, ErrorText>>;

const LOCAL = {
  CONNECTION_LOST: {
    title: 'PawVault cannot be reached',
    remedy:
      'Check the network, and that PawVault runs. This page keeps trying; jobs that are under way go on without it.',
  },
  UNEXPECTED_ANSWER: {
    title: 'The answer could not be understood',
    remedy: 'A proxy in between may have failed, or PawVault was updated: reload the page.',
  },
} as const satisfies Record<LocalCode, ErrorText>;

/** What every error code says to a reader of English: the table of the API itself, but for what only its own clients can act on. */
export const errors = { ...ERRORS, ...ON_THE_PAGE, ...LOCAL } satisfies Record<ErrorCode | LocalCode, ErrorText>;
