import type { ImportCheck, ImportCheckName, ImportState, JobState, JobType, ModuleName, OmissionReason, TrustState } from '@pawvault/contracts';

/** Names for what the API calls by codes. The Chinese ones have exactly the same keys. */
export interface Terms {
  jobType: Record<JobType, string>;
  jobState: Record<JobState, string>;
  /** By the phase that a job reports; an unknown one is shown as it came. */
  phase: Record<Phase, string>;
  module: Record<ModuleName, string>;
  trust: Record<TrustState, string>;
  /** What a state of trust means for the reader. */
  trustMeaning: Record<TrustState, string>;
  omission: Record<OmissionReason, string>;
  warning: Record<WarningCode, string>;
  importState: Record<ImportState, string>;
  importCheck: Record<ImportCheckName, string>;
  importCheckState: Record<ImportCheck['state'], string>;
}

export const PHASES = [
  'starting',
  'scanning',
  'packing',
  'copying',
  'verifying',
  'staging',
  'committing',
  'finishing',
] as const;
export type Phase = (typeof PHASES)[number];

/** A restore that backs up first reports the phases of that backup behind this. */
export const BACKING_UP_FIRST = 'backing up first: ';

/** Every warning that a job or a plan can carry; a spec holds this list equal to the sources that warn. */
export const WARNING_CODES = [
  'AGENT_ID_INVALID',
  'AGENT_JSON_UNREADABLE',
  'CLEAN_UP_PENDING',
  'CURRENT_CONFIG_UNREADABLE',
  'DESTINATION_OCCUPIED',
  'DISK_SPACE_LOW',
  'FILE_CHANGED_WHILE_READ',
  'KEPT_PLACE_NOT_RESTORED',
  'LEFTOVERS',
  'MASTER_KEY_NOT_IN_BACKUP',
  'PATHS_OMITTED',
  'RESUME_FAILED',
  'SQLITE_NOT_SOUND',
  'SQLITE_RAW_COPY',
  'TRUST_MISMATCH',
  'TRUST_UNKNOWN_SCHEME',
  'TRUST_UNSIGNED',
  'WORKSPACE_MISSING',
  'WORKSPACE_NOT_IN_BACKUP',
  'WORKSPACE_OVERLAP',
  'WORKSPACE_SHARED',
] as const;
export type WarningCode = (typeof WARNING_CODES)[number];

export const termsEn: Terms = {
  jobType: {
    'backup.create': 'Backup',
    'backup.verify': 'Verification',
    'backup.rename': 'Renaming',
    'backup.restore': 'Restore',
    'restore.plan': 'Restore preview',
    'instance.inspect': 'Look at the instance',
  },
  jobState: {
    queued: 'Waiting',
    running: 'Running',
    completed: 'Completed',
    failed: 'Failed',
    cancelled: 'Cancelled',
  },
  phase: {
    starting: 'Starting',
    scanning: 'Looking for files',
    packing: 'Packing',
    copying: 'Copying',
    verifying: 'Verifying',
    staging: 'Unpacking beside the instance',
    committing: 'Switching over',
    finishing: 'Finishing',
  },
  module: {
    agents: 'Agents',
    global_config: 'Global settings',
    skill_pool: 'Skill pool',
    secrets: 'Secrets',
  },
  trust: {
    valid: 'Signed here',
    unchecked: 'Signed, not checked',
    mismatch: 'Signed elsewhere',
    unsigned: 'Not signed',
    unknown_scheme: 'Unknown signature',
  },
  trustMeaning: {
    valid: 'Signed with the key of this installation and unchanged since.',
    unchecked: 'It carries a signature; only verifying the whole archive tells whose it is.',
    mismatch: 'Signed with the key of another installation, or changed after it was signed.',
    unsigned: 'Nothing proves who made it, or that it is unchanged.',
    unknown_scheme: 'Signed in a way that this version does not know.',
  },
  omission: {
    missing_workspace: 'The workspace does not exist',
    missing_module: 'The instance has no such part',
    unreadable: 'Could not be read',
    vanished: 'Disappeared while the backup was made',
    special_file: 'Neither a file nor a directory (a socket, pipe or device)',
    name_not_representable: 'The name cannot be stored in an archive',
    symlink_outside_module: 'A link to a place outside its module',
    contains_backup_directory: 'The backups themselves are never packed',
    contains_secret_directory: 'Secrets are packed only as such',
    nested_workspace: 'The workspace of another agent, which is packed on its own',
    agent_id_invalid: 'The agent id cannot be a directory name',
    too_deep: 'Nested too deep',
  },
  warning: {
    AGENT_ID_INVALID: 'An agent was left out because its id cannot be a directory name.',
    AGENT_JSON_UNREADABLE: 'The agent.json of an agent in the backup is not valid JSON; it is restored as it is.',
    CLEAN_UP_PENDING: 'The work is done; tidying up goes on when a worker starts.',
    CURRENT_CONFIG_UNREADABLE:
      'The present config.json cannot be read: where its agents live is not known, and it will be replaced.',
    DESTINATION_OCCUPIED: 'A directory that belongs to no agent lies at the destination, and will be replaced.',
    DISK_SPACE_LOW: 'Disk space is low: the backup fits only if it compresses well.',
    FILE_CHANGED_WHILE_READ: 'A file changed each time it was read; the backup holds the last reading.',
    KEPT_PLACE_NOT_RESTORED: 'Some files of the backup lie in places that belong to something else; what is there stays.',
    LEFTOVERS: 'Former content could not be removed yet; the next start of a worker tries again.',
    MASTER_KEY_NOT_IN_BACKUP:
      'The secrets have no .master_key beside them (it may be in the keyring of the system): on another machine they cannot be decrypted.',
    PATHS_OMITTED: 'Some paths could not be captured; the details of the backup list them.',
    RESUME_FAILED: 'QwenPaw could not be started again; start it yourself.',
    SQLITE_NOT_SOUND: 'A database did not pass its integrity check and was captured as it is.',
    SQLITE_RAW_COPY: 'No SQLite driver is installed: a database and its log were copied as they are.',
    TRUST_MISMATCH: 'The archive was signed with another key, or changed since it was signed.',
    TRUST_UNKNOWN_SCHEME: 'The signature of the archive is of an unknown kind.',
    TRUST_UNSIGNED: 'The archive is not signed: nothing proves who made it.',
    WORKSPACE_MISSING: 'The workspace of an agent does not exist, so it is not in the backup.',
    WORKSPACE_NOT_IN_BACKUP: 'The settings of the backup name an agent whose workspace is not in the backup.',
    WORKSPACE_OVERLAP: 'The workspace of an agent overlaps with another part of the instance, which is left out of it.',
    WORKSPACE_SHARED: 'Two agents share one workspace; it is packed for both.',
  },
  importState: {
    uploading: 'Uploading',
    checking: 'Being checked',
    needs_decision: 'Needs your decision',
    accepting: 'Being taken over',
    accepted: 'Imported',
    rejected: 'Refused',
  },
  importCheck: {
    structure: 'The zip file is whole and unambiguous',
    layout: 'It holds what a backup holds, and nothing else',
    metadata: 'Its description can be read',
    manifest: 'Its list of contents is valid',
    content: 'Every file matches its checksum',
    signature: 'The signature is known here',
    conflict: 'No backup here has the same id',
  },
  importCheckState: {
    passed: 'passed',
    failed: 'failed',
    decision: 'needs your decision',
    skipped: 'not reached',
  },
};
