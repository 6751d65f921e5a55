export const trust = {
  legacy: {
    title: 'Nothing proves who made this archive',
    text: 'It is not signed. It was made by an older version, or its signature was removed.',
  },
  foreign: {
    title: 'This archive comes from another installation',
    text: 'Its signature is not of this installation: it was made on another machine, or changed after it was made.',
  },
  meaning:
    'What is in an archive becomes part of your assistant: its instructions, its skills and its keys. Trust it only if you know where it comes from. It is then signed with the key of this installation, and its security and MCP settings are not taken over unless you say so.',
  vouch: 'I know where this archive comes from, and I trust it',
  accept: 'Trust it and go on',
};
