import { ARCHIVE_ERRORS } from './archive-errors';

/**
 * Every error code a user can meet, with what it means and what to do about it. Codes are API: they are never renamed.
 * `docs/errors.md` and the gateway's HTTP statuses are held equal to this table by tests.
 * Lower-case codes are QwenPaw's own.
 */
export const ERRORS = {
  VALIDATION_FAILED: {
    title: 'The request is not valid',
    remedy: 'Correct the fields that `details` names and send the request again.',
  },
  ROUTE_NOT_FOUND: {
    title: 'No such route',
    remedy: 'See the API documentation at /api/docs for the routes that exist.',
  },
  METHOD_NOT_ALLOWED: {
    title: 'The route does not know this method',
    remedy: 'Use one of the methods that the header Allow names; see /api/docs.',
  },
  UNAUTHORIZED: {
    title: 'A token is needed',
    remedy: 'Send `Authorization: Bearer <token>` with a token from PAWVAULT_TOKEN or PAWVAULT_TOKENS.',
  },
  FORBIDDEN: {
    title: 'The token does not allow this',
    remedy: 'Use a token with the role that `details` names, or ask an admin.',
  },
  RATE_LIMITED: {
    title: 'Too many requests',
    remedy: 'Wait as long as the header Retry-After says, or raise PAWVAULT_RATE_LIMIT.',
  },
  HOST_NOT_ALLOWED: {
    title: 'The request came under a name that is not allowed',
    remedy: 'Without a token only loopback names are answered. Use http://127.0.0.1, or set PAWVAULT_TOKEN.',
  },
  ORIGIN_NOT_ALLOWED: {
    title: 'A web page of another origin sent the request',
    remedy: 'Use the pages that PawVault serves itself, or set PAWVAULT_TOKEN and send it with every request.',
  },
  UNSUPPORTED_MEDIA_TYPE: {
    title: 'The request body is of a kind that is not understood',
    remedy: 'Send JSON with the header `Content-Type: application/json`.',
  },
  RANGE_NOT_SATISFIABLE: {
    title: 'The range lies outside the file',
    remedy: 'Ask for a range within the size that `details` and the header Content-Range name.',
  },
  PAYLOAD_TOO_LARGE: {
    title: 'The request body is too large',
    remedy: 'Send a smaller body; see the limits in the documentation.',
  },
  INTERNAL_ERROR: {
    title: 'Something went wrong inside PawVault',
    remedy: 'Look for the request id in the logs of the gateway or worker and report it.',
  },
  CONFIG_INVALID: {
    title: 'The configuration is not valid',
    remedy: 'Correct the environment variables that the message names; docs/configuration.md lists them all.',
  },
  INSTANCE_NOT_FOUND: {
    title: 'There is no QwenPaw instance in the working directory',
    remedy: 'Set QWENPAW_WORKING_DIR to the directory that holds the config.json of QwenPaw.',
  },
  INSTANCE_CONFIG_INVALID: {
    title: 'The config.json of the instance cannot be read',
    remedy: 'Correct the file at the line that `details` names, or let QwenPaw write it again, then retry.',
  },
  AGENT_NOT_FOUND: {
    title: 'An agent that was asked for is not in the registry',
    remedy: 'Choose from the agents that GET /api/v1/instance lists.',
  },
  NOTHING_SELECTED: {
    title: 'Nothing was selected',
    remedy: 'Select at least one agent, or the global settings, the skill pool or the secrets.',
  },
  BACKUP_NOT_FOUND: { title: 'There is no such backup', remedy: 'List the backups and use an id from there.' },
  BACKUP_ID_INVALID: {
    title: 'This is not a backup id',
    remedy: 'An id has 1 to 200 characters of a-z, A-Z, 0-9, dot, underscore and hyphen, and starts with no dot.',
  },
  BACKUP_INVALID: {
    title: 'The archive of this backup cannot be read',
    remedy: 'Verify the backup to see what is damaged; restore the file from another copy.',
  },
  BACKUP_IN_USE: { title: 'A job is using this backup', remedy: 'Wait for the job to end, or cancel it, then retry.' },
  BACKUP_FILE_NOT_FOUND: {
    title: 'The backup has no such file',
    remedy: 'List the files of the backup and use a path from there.',
  },
  BACKUP_FILE_NOT_REGULAR: {
    title: 'This entry is not a regular file',
    remedy: 'Directories and symbolic links have no content to download.',
  },
  SECRETS_NOT_SERVED: {
    title: 'Files of the secrets module are not served one by one',
    remedy: 'Set PAWVAULT_SERVE_SECRETS=true to allow it, or download the whole archive.',
  },
  BACKUP_EXISTS: { title: 'A backup with this id exists already', remedy: 'Delete or rename the other one first.' },
  IMPORT_NOT_FOUND: {
    title: 'There is no such import',
    remedy: 'An import that nobody decides about expires after an hour. Upload the archive again.',
  },
  IMPORT_NOT_DECIDABLE: {
    title: 'The import is in no state for this',
    remedy:
      'Look at its `state`: only an import that needs a decision can be accepted, and none can be deleted while it is being accepted.',
  },
  UPLOAD_INVALID: {
    title: 'The upload holds no archive',
    remedy:
      'Send the archive as the body with `Content-Type: application/zip`, or as the one file `file` of a multipart form.',
  },
  UPLOAD_OFFSET_CONFLICT: {
    title: 'The upload does not stand where the piece begins',
    remedy: 'Ask for the offset with HEAD and go on from there.',
  },
  UPLOAD_BUSY: {
    title: 'Another request writes to this upload',
    remedy: 'Ask for the offset with HEAD in a moment, and go on from there if it stands still.',
  },
  UPLOAD_PROTOCOL_UNSUPPORTED: {
    title: 'This is not the protocol of uploads in pieces',
    remedy:
      'Send `Tus-Resumable: 1.0.0`, or use a client of the tus protocol; POST /api/v1/imports takes an archive in one request.',
  },
  JOB_NOT_FOUND: {
    title: 'There is no such job',
    remedy: 'Finished jobs are kept for a while only; list the jobs to see those that are.',
  },
  JOB_FINISHED: {
    title: 'The job has ended already',
    remedy: 'Nothing is left to cancel; read the result of the job.',
  },
  JOB_CANCELLED: { title: 'The job was cancelled', remedy: 'Start it again when you want it.' },
  JOB_INTERRUPTED: {
    title: 'The worker died while it ran this job, more than once',
    remedy: 'Look at the logs of the worker and its memory limit, then start the job again.',
  },
  JOB_PAYLOAD_INVALID: {
    title: 'The worker refused the payload of the job',
    remedy: 'Run the gateway and the worker in the same version.',
  },
  QUEUE_UNAVAILABLE: {
    title: 'The queue cannot be reached',
    remedy: 'Check that Redis runs and that REDIS_URL points to it; the request can be repeated.',
  },
  WORKER_UNAVAILABLE: {
    title: 'No worker answers',
    remedy: 'Start a worker for this instance, or look why it is not ready; the request can be repeated.',
  },
  REDIS_UNAVAILABLE: {
    title: 'The embedded Redis could not be started',
    remedy: 'Install redis-server or valkey-server, or set REDIS_URL to a server of your own.',
  },
  STATE_DIR_IN_USE: {
    title: 'Another PawVault uses this state directory',
    remedy:
      'Use the one that runs already, stop it first, or set PAWVAULT_STATE_DIR or PAWVAULT_INSTANCE_ID to another value.',
  },
  DISK_FULL: {
    title: 'There is not enough free space',
    remedy: 'Free at least the space that `details` names, or move the backup directory to a larger disk.',
  },
  PERMISSION_DENIED: {
    title: 'The file system refused access',
    remedy: 'Give the user that PawVault runs as access to the path that `details` names.',
  },
  IO_ERROR: {
    title: 'The file system reported an error',
    remedy: 'Check the disk of the path that `details` names, then retry.',
  },
  BACKUP_DIR_UNUSABLE: {
    title: 'The backup directory cannot be used',
    remedy: 'Create it, make it writable, and keep it outside the directories that are backed up.',
  },
  SIGNING_KEY_INVALID: {
    title: 'The signing key is damaged or unsafe',
    remedy:
      'Put back `.signing_key` (64 hex digits, a regular file, mode 0600) from a copy. It is never replaced for you.',
  },
  backup_legacy_unsigned: {
    title: 'The archive is not signed',
    remedy: 'If you trust where it comes from, repeat with trust_mode "legacy".',
  },
  backup_signature_mismatch: {
    title: 'The archive was signed with another key, or changed since',
    remedy: 'If you trust where it comes from, repeat with trust_mode "foreign".',
  },
  backup_unknown_signature_scheme: {
    title: 'The archive carries a signature of an unknown kind',
    remedy: 'Use a version of PawVault that knows the scheme.',
  },
  restore_target_busy: {
    title: 'Another restore holds the instance, or QwenPaw is starting',
    remedy: 'Wait until it has ended, then repeat.',
  },
  RESTORE_NEEDS_FULL_BACKUP: {
    title: 'A full restore needs a full backup',
    remedy: 'Restore this backup in custom mode, choosing what to take from it.',
  },
  RESTORE_AGENT_NOT_IN_BACKUP: {
    title: 'The backup has no such agent',
    remedy: 'Choose from the agents that the detail of the backup lists.',
  },
  RESTORE_DESTINATION_REFUSED: {
    title: 'An agent cannot be restored to its destination',
    remedy: 'Choose another default_workspace_dir, or correct the workspace_dir of the agent in config.json.',
  },
  RESTORE_PLAN_DRIFTED: {
    title: 'The instance has changed since the plan was made',
    remedy: 'Ask for a new plan, look at it, and repeat with its hash.',
  },
  RESTORE_COMMITTING: {
    title: 'The restore is already being committed and cannot be cancelled',
    remedy: 'Wait for it to end; the backup made before it undoes it.',
  },
  RESTORE_JOURNAL_UNREADABLE: {
    title: 'The journal of an interrupted restore cannot be read',
    remedy: 'Nothing is touched until it can: put the file that `details` names in order, or ask for help with it.',
  },
  RESTORE_JOURNAL_UNTRUSTED: {
    title: 'The journal of a restore was not written by this PawVault',
    remedy:
      'Nothing has been touched. Look at the file that `details` names: if you did not expect it, another program planted it. Move it ' +
      'away, then repeat.',
  },
  RESTORE_OWNER_DIFFERS: {
    title: 'What would be replaced belongs to another user',
    remedy:
      'Run the worker as the user that `details` names, or as root with its capabilities, or give the directory to the user of the worker.',
  },
  RESTORE_TARGET_IMMUTABLE: {
    title: 'What would be replaced is marked as immutable',
    remedy: 'Remove the mark from the path that `details` names (`chattr -i`), then repeat.',
  },
  RESTORE_TARGET_CHANGED: {
    title: 'Another program exchanged a directory while it was being restored',
    remedy:
      'Everything is as it was before. Find out what writes to the path that `details` names, stop it, then repeat.',
  },
  RESTORE_NAMES_CLASH: {
    title: 'Two names of the backup are one name on the disk of the instance',
    remedy: 'Restore to a file system that tells the names that `details` lists apart, or restore without one of them.',
  },
  RESTORE_PLAN_NOT_FOUND: {
    title: 'There is no such plan',
    remedy: 'The paths of a plan are kept for a while only. Ask for a new plan.',
  },
  STATE_FILE_UNTRUSTED: {
    title: 'A file of PawVault was written by another user',
    remedy:
      'Nothing has been done with it. Look at the path that `details` names; if it is not expected, move it away. PawVault reads its own ' +
      'files only when they belong to the user that it runs as, and no other user may write to them.',
  },
  RESTORE_QUIESCE_FAILED: {
    title: 'QwenPaw could not be stopped for the restore',
    remedy: 'Look at the command, address or workload that `details` names; nothing has been changed.',
  },
  ...ARCHIVE_ERRORS,
} as const satisfies Record<string, { title: string; remedy: string }>;
