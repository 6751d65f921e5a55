/**
 * A single safe path component of 1 to 255 bytes: no `/`, no control characters, well-formed. QwenPaw makes 2–64 characters of [a-zA-Z0-9_-], a
 * built-in agent carries a dot (`QwenPaw_QA_Agent_0.2`), and later versions and people use spaces and Chinese.
 *
 * No leading dot: hidden names beside the workspaces are staging areas and leftovers of restores (`.pawvault-restore-…`, `.restore_old`), which
 * both programs remove. An agent of such a name would be removed with them.
 *
 * The pattern is for documents; it cannot count bytes. {@link isAgentId} decides.
 */
export const AGENT_ID_PATTERN = '^(?!\\.)[^/\\u0000-\\u001f\\u007f-\\u009f]{1,255}$';
const ID = new RegExp(AGENT_ID_PATTERN);
/** Nearly all there are, decided with one look. */
const ORDINARY = /^[\w-][\w.-]{0,127}$/;
const MAX_BYTES = 255;

export const isAgentId = (value: unknown): value is string =>
  typeof value === 'string' &&
  (ORDINARY.test(value) || (ID.test(value) && value.isWellFormed() && byteLength(value) <= MAX_BYTES));

/** In UTF-8. */
const byteLength = (text: string): number => encodeURIComponent(text).replace(/%../g, '%').length;
