import type { JobWarning } from '@pawvault/contracts';
import type { JsonFault } from './json/json-fault';

/** A file of the instance by its path, or of an archive by its entry. */
export type ConfigPlace = { path: string } | { entry: string };

const nameOf = (place: ConfigPlace): string => ('path' in place ? place.path : place.entry);

export const describeFault = (place: ConfigPlace, { line, column, reason }: JsonFault): string =>
  `${nameOf(place)}, line ${line}, column ${column}: ${reason}`;

export const configRepaired = (place: ConfigPlace, fault: JsonFault): JobWarning => ({
  code: 'CONFIG_REPAIRED',
  message: `${describeFault(place, fault)}; the file was read as QwenPaw reads it`,
  details: { ...place, ...fault },
});

export const configNotRestorable = (path: string, fault: JsonFault): JobWarning => ({
  code: 'CONFIG_NOT_RESTORABLE',
  message: `${describeFault({ path }, fault)}; the backup holds the file as it is, and a restore of the settings will refuse it`,
  details: { path, ...fault },
});

export const configReprinted = (place: ConfigPlace): JobWarning => ({
  code: 'CONFIG_REPRINTED',
  message: `${nameOf(place)} is no plain JSON and has to be changed in more than a path; it is printed anew, without comments`,
  details: { ...place },
});

export const agentJsonUnreadable = (agent: string, place: ConfigPlace, fault: JsonFault): JobWarning => ({
  code: 'AGENT_JSON_UNREADABLE',
  message: `${describeFault(place, fault)}; the agent.json of agent ${agent} is kept as it is`,
  details: { agent, ...place, ...fault },
});
