import { type ErrorCode, ERRORS } from '@pawvault/contracts';
import { STATUS } from './status';

const INTRODUCTION = `# Errors

Every error has a stable code. Over HTTP it comes as \`application/problem+json\` (RFC 9457):

\`\`\`json
{
  "type": "urn:pawvault:error:BACKUP_NOT_FOUND",
  "title": "There is no such backup",
  "status": 404,
  "detail": "There is no such backup",
  "code": "BACKUP_NOT_FOUND",
  "remedy": "List the backups and use an id from there.",
  "details": { "id": "nightly" },
  "instance": "/api/v1/backups/nightly",
  "request_id": "6f0c8a52-4d0e-4b0c-9a53-0f2f2f1f6a11"
}
\`\`\`

\`code\` is what programs may depend on; \`detail\` is for people, \`details\` depend on the code, and \`request_id\` finds the request in the logs. A job
that failed carries the same codes in \`error\`, a listing in \`invalid\`, a verification in \`problems\`. Codes in lower case are QwenPaw's own.

This page follows from the code and is held equal to it by a test. To write it anew:
\`UPDATE_DOCS=1 npx jest -c apps/gateway/jest.config.js documents\`.
`;

/** docs/errors.md, before it is formatted. */
export function errorTable(): string {
  const rows = (Object.keys(ERRORS) as ErrorCode[]).map((code) => {
    const { title, remedy } = ERRORS[code];
    return `| \`${code}\` | ${STATUS[code]} | ${literal(title)} | ${literal(remedy)} |`;
  });
  return [INTRODUCTION, '| code | status | meaning | what to do |', '| --- | --- | --- | --- |', ...rows, ''].join(
    '\n',
  );
}

/** Names of variables are no emphasis. */
const literal = (text: string): string =>
  text.replace(/(?<!`)\b[A-Z]+(?:_[A-Z*]+)+(?![`\w=])/g, (name) => `\`${name}\``);
