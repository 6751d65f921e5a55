import type { ImportView, TrustMode } from '@pawvault/contracts';
import { problemOfThrown } from '../api/problem';

/** What the reader has decided. */
export interface Decision {
  overwrite: boolean;
  trusted: boolean;
}

/** The body of POST /imports/{id}/accept. */
export interface AcceptBody {
  overwrite: boolean;
  trust_mode?: TrustMode;
}

/** Whether everything that the import asks has been answered. */
export const isDecided = ({ conflict, trust_needed }: ImportView, { overwrite, trusted }: Decision): boolean =>
  (conflict === null || overwrite) && (trust_needed === null || trusted);

export const acceptBody = ({ trust_needed }: ImportView, { overwrite, trusted }: Decision): AcceptBody => ({
  overwrite,
  ...(trusted && trust_needed !== null && { trust_mode: trust_needed }),
});

/** Whether it goes on by itself, so that asking again soon shows more. */
export const isUnderWay = ({ state }: Pick<ImportView, 'state'>): boolean =>
  state === 'uploading' || state === 'checking' || state === 'accepting';

/** Whether somebody has to do something about it, or something is still done. */
export const isOpen = (view: Pick<ImportView, 'state'>): boolean => isUnderWay(view) || view.state === 'needs_decision';

/** Nobody knows it any more: it has expired, or somebody discarded it. */
export const isForgotten = (error: unknown): boolean => problemOfThrown(error).code === 'IMPORT_NOT_FOUND';
