import type { OmissionReason } from '@pawvault/contracts';
import { type Identity, isSameNode } from '@pawvault/durable-fs';

/** A directory that must not be taken as part of another one. Known by device and inode as well, should it be renamed meanwhile. */
export interface BarredPlace extends Identity {
  /** Real path. */
  path: string;
  reason: OmissionReason;
}

/** @param path real path of the directory that is looked at */
export const barredAs = (places: readonly BarredPlace[], path: string, node: Identity): OmissionReason | null =>
  places.find((place) => place.path === path || isSameNode(place, node))?.reason ?? null;

/** Whether one real path is the other or lies below it. */
export const isWithin = (path: string, directory: string): boolean =>
  path === directory || path.startsWith(directory === '/' ? '/' : `${directory}/`);
