/** What every warning of a job or a plan says; the server's own words, which name the path, are shown beside it. */
export const warnings = {
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
  MOUNT_INCLUDED: 'Something is mounted inside the instance; what is there is in the backup.',
  PATHS_OMITTED: 'Some paths could not be captured; the details of the backup list them.',
  RESUME_FAILED: 'QwenPaw could not be started again; start it yourself.',
  SQLITE_NOT_SOUND: 'A database did not pass its integrity check and was captured as it is.',
  SQLITE_RAW_COPY: 'The SQLite driver is missing or failed: a database and its log were copied as they are.',
  TRUST_MISMATCH: 'The archive was signed with another key, or changed since it was signed.',
  TRUST_UNKNOWN_SCHEME: 'The signature of the archive is of an unknown kind.',
  TRUST_UNSIGNED: 'The archive is not signed: nothing proves who made it.',
  WORKSPACE_LINK_UNTRUSTED:
    'A part of the instance is reached through a link that belongs to another user than what it leads to, and is left out.',
  WORKSPACE_MISSING: 'The workspace of an agent does not exist, so it is not in the backup.',
  WORKSPACE_NOT_IN_BACKUP: 'The settings of the backup name an agent whose workspace is not in the backup.',
  WORKSPACE_OVERLAP: 'The workspace of an agent overlaps with another part of the instance, which is left out of it.',
  WORKSPACE_SHARED: 'Two agents share one workspace; it is packed for both.',
};
