/**
 * A single safe path component. QwenPaw makes 2–64 characters of [a-zA-Z0-9_-]; a built-in agent carries a dot
 * (`QwenPaw_QA_Agent_0.2`), and hand-made ids are read as long as they cannot leave their directory.
 */
export const AGENT_ID_PATTERN = '^(?!\\.)[a-zA-Z0-9._-]{1,128}$';
const ID = new RegExp(AGENT_ID_PATTERN);

export const isAgentId = (value: unknown): value is string => typeof value === 'string' && ID.test(value);
