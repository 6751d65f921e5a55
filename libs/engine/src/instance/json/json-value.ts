import type { LosslessJson } from '@pawvault/archive';

export type JsonObject = Map<string, LosslessJson>;

/** The value as an object; anything else as an empty one. A copy, so that it may be changed. */
export const objectOf = (value: LosslessJson | undefined): JsonObject => new Map(value instanceof Map ? value : []);

/** The strings of a list; null for what is no list. */
export const textsOf = (value: LosslessJson | undefined): string[] | null =>
  Array.isArray(value) ? value.filter((item) => typeof item === 'string') : null;
