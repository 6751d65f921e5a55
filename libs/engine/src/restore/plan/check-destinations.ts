import { DomainError } from '@pawvault/contracts';
import type { Destination } from './destinations';
import type { OccupiedPlaces, ReservedName } from './occupied-places';
import { isInside, isSame, type Place } from './place';

/** Why a place is refused; stands in `details.reason`. */
export type DestinationRefusal =
  | ReservedName
  | 'not_absolute'
  | 'not_a_directory'
  | 'dangling_link'
  | 'working_root'
  | 'config_file'
  | 'other_agent'
  | 'shared_directory'
  | 'nested_agents'
  | 'not_a_workspace'
  | 'blocks_kept_place'
  | 'untrusted_link';

type Plain = Exclude<DestinationRefusal, 'not_absolute' | 'dangling_link'>;

const MEANING: Record<Plain, string> = {
  secret_dir: 'it is, contains or lies in the secret directory',
  backup_dir: 'it is, contains or lies in the backup directory',
  plugins: 'it is, contains or lies in the plugins of the instance',
  custom_channels: 'it is, contains or lies in the custom channels of the instance',
  skill_pool: 'it is, contains or lies in the skill pool',
  not_a_directory: 'something other than a directory is in the way',
  working_root: 'it is or contains the working directory',
  config_file: 'it contains the config.json of the instance',
  other_agent: 'it belongs to another agent',
  shared_directory: 'two agents would share it',
  nested_agents: 'two agents would lie in each other',
  not_a_workspace: 'it holds files that are no workspace',
  blocks_kept_place: 'the backup has a file where a directory that must stay lies',
  untrusted_link: 'a symbolic link of another user leads there',
};

/** A place where something is in the way. A link that leads nowhere is often one to a disk that is not mounted. */
function refuseBlocked(agent: string | null, { path, danglingLink }: Place): DomainError {
  if (danglingLink === undefined) return refuseDestination('not_a_directory', { agent, path });
  const { link, leads_to: target } = danglingLink;
  const subject = agent === null ? path : `Agent ${agent} cannot go to ${path}`;
  const message = `${subject}: the symbolic link ${link} leads to ${target}, which does not exist; make it, or remove the link`;
  return new DomainError('RESTORE_DESTINATION_REFUSED', message, {
    agent,
    path,
    reason: 'dangling_link',
    ...danglingLink,
  });
}

/** @param what.with the other agent or path, where there is one */
export function refuseDestination(
  reason: Plain,
  what: { agent: string | null; path: string; with?: string },
): DomainError {
  const subject = what.agent === null ? what.path : `Agent ${what.agent} cannot go to ${what.path}`;
  return new DomainError('RESTORE_DESTINATION_REFUSED', `${subject}: ${MEANING[reason]}`, { ...what, reason });
}

/**
 * Holds the destinations of a restore against the instance and against each other.
 * @throws DomainError RESTORE_DESTINATION_REFUSED with `details` {agent, path, reason} and, where there is another party, `with`
 */
export function checkDestinations(destinations: readonly Destination[], occupied: OccupiedPlaces): void {
  const restored = new Set(destinations.map(({ agent }) => agent));
  const others = [...occupied.workspaces].filter(([id]) => !restored.has(id));
  for (const destination of destinations) {
    checkAgainstInstance(destination, occupied);
    for (const [id, place] of others) checkAgainstAgent(destination, { id, place });
  }
  destinations.forEach((one, index) => destinations.slice(index + 1).forEach((other) => checkPair(one, other)));
}

function checkAgainstInstance({ agent, place }: Destination, occupied: OccupiedPlaces): void {
  const at = { agent, path: place.path };
  if (place.kind === 'blocked') throw refuseBlocked(agent, place);
  if (isSame(place, occupied.working) || isInside(occupied.working, place)) throw refuseDestination('working_root', at);
  for (const [name, reserved] of occupied.reserved) if (touches(place, reserved)) throw refuseDestination(name, at);
  if (isInside(occupied.config, place)) throw refuseDestination('config_file', at);
}

/** Workspaces that lie in each other already may stay so: the inner one is kept when the outer one is replaced. */
function checkAgainstAgent(destination: Destination, other: { id: string; place: Place }): void {
  const { agent, place, origin } = destination;
  const hit = origin === 'registered' ? isSame(place, other.place) : touches(place, other.place);
  if (hit) throw refuseDestination('other_agent', { agent, path: place.path, with: other.id });
}

function checkPair(one: Destination, other: Destination): void {
  const at = { agent: one.agent, path: one.place.path, with: other.agent };
  if (isSame(one.place, other.place)) throw refuseDestination('shared_directory', at);
  if (touches(one.place, other.place)) throw refuseDestination('nested_agents', at);
}

const touches = (a: Place, b: Place): boolean => isSame(a, b) || isInside(a, b) || isInside(b, a);

/**
 * Holds a module's directory against the instance: skill pool and secrets are where they are, but a link or a variable may have put them
 * over something that is not theirs.
 * @throws DomainError RESTORE_DESTINATION_REFUSED with `details` {agent: null, path, reason}
 */
export function checkModulePlace(own: 'skill_pool' | 'secret_dir', occupied: OccupiedPlaces): Place {
  const place = occupied.reserved.get(own);
  if (place === undefined) throw new RangeError(`${own} has not been located`);
  const at = { agent: null, path: place.path };
  if (place.kind === 'blocked') throw refuseBlocked(null, place);
  if (isSame(place, occupied.working) || isInside(occupied.working, place)) throw refuseDestination('working_root', at);
  for (const [name, reserved] of occupied.reserved) {
    if (name === own) continue;
    const lost = name === 'backup_dir' ? isInside(place, reserved) : isInside(reserved, place);
    if (isSame(place, reserved) || lost) throw refuseDestination(name, at);
  }
  if (isInside(occupied.config, place)) throw refuseDestination('config_file', at);
  for (const [id, workspace] of occupied.workspaces)
    if (isSame(place, workspace)) throw refuseDestination('other_agent', { ...at, with: id });
  return place;
}
