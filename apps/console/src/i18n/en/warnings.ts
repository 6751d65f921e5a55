/** What every warning of a job or a plan says; the server's own words, which name the path, are shown beside it. */
export const warnings = {
  AGENT_ID_INVALID: 'An agent was left out because its id cannot be a directory name.',
  AGENT_JSON_UNREADABLE: 'The agent.json of an agent cannot be read as JSON; it is kept as it is.',
  CLEAN_UP_PENDING: 'The work is done; tidying up goes on when a worker starts.',
  CONFIG_NOT_RESTORABLE:
    'The config.json cannot be given back by a restore of the settings; the backup holds it as it is. Correct the file and make another backup.',
  CONFIG_REPAIRED: 'A settings file is not plain JSON; it was read as QwenPaw reads it.',
  CONFIG_REPRINTED: 'A settings file that is not plain JSON is printed anew; its comments and layout are lost.',
  CURRENT_CONFIG_UNREADABLE:
    'The present config.json cannot be read: where its agents live is not known, and it will be replaced.',
  DESTINATION_OCCUPIED: 'A directory that belongs to no agent lies at the destination, and will be replaced.',
  DISK_SPACE_LOW: 'Disk space is low: the backup fits only if it compresses well.',
  FILE_CHANGED_WHILE_READ: 'A file changed each time it was read; the backup holds the last reading.',
  KEPT_ASIDE:
    'Some paths that no backup can bring back were given another name, because the backup has something else in their place.',
  KEPT_PLACE_NOT_RESTORED: 'Some files of the backup lie in places that belong to something else; what is there stays.',
  LEFTOVERS: 'Former content could not be removed yet; the next start of a worker tries again.',
  LINKS_NOT_MADE:
    'Some links of the backup lead out of their module. They are not made, because the backup comes from elsewhere.',
  MASTER_KEY_NOT_IN_BACKUP:
    'The secrets have no .master_key beside them (it may be in the keyring of the system): on another machine they cannot be decrypted.',
  MOUNT_INCLUDED: 'Something is mounted inside the instance; what is there is in the backup.',
  MOUNT_LEFT_ALONE: 'Another disk is mounted inside the instance. It stays as it is, and so does what is on it.',
  PATHS_OMITTED: 'Some paths could not be captured; the details of the backup list them.',
  PLAN_PATHS_NOT_KEPT:
    'The list of all paths could not be kept where the backups are; only the first 1,000 can be shown here.',
  RESUME_FAILED: 'QwenPaw could not be started again; start it yourself.',
  SQLITE_NOT_SOUND: 'A database did not pass its integrity check and was captured as it is.',
  SQLITE_RAW_COPY: 'The SQLite driver is missing or failed: a database and its log were copied as they are.',
  TRUST_MISMATCH: 'The archive was signed with another key, or changed since it was signed.',
  TRUST_UNKNOWN_SCHEME: 'The signature of the archive is of an unknown kind.',
  TRUST_UNSIGNED: 'The archive is not signed: nothing proves who made it.',
  UNKNOWN_ENTRIES: 'The archive holds entries that PawVault does not know. They are kept, and never restored.',
  WORKSPACE_LINK_UNTRUSTED:
    'A part of the instance is reached through a link that belongs to another user than what it leads to, and is left out.',
  WORKSPACE_MISSING: 'The workspace of an agent does not exist, so it is not in the backup.',
  WORKSPACE_NOT_IN_BACKUP: 'The settings of the backup name an agent whose workspace is not in the backup.',
  WORKSPACE_OVERLAP: 'The workspace of an agent overlaps with another part of the instance, which is left out of it.',
  WORKSPACE_SHARED: 'Two agents share one workspace; it is packed for both.',
};
