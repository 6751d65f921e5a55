import type { DetailedError } from 'tus-js-client';
import { type Problem, problemOf, problemOfThrown } from '../api/problem';

/** Refusals that the tus library of the server makes itself, and proxies in front of it: their bodies hold no code. */
const CODE_OF_STATUS: Record<number, string> = { 413: 'PAYLOAD_TOO_LARGE' };
/**
 * Nobody there, another request still writes, too many requests, or a gateway that is being restarted behind a proxy. A full disk is none of
 * them: to send again would not help.
 */
const PASSING: ReadonlySet<number> = new Set([0, 409, 423, 429, 502, 503, 504]);
const GONE: ReadonlySet<number> = new Set([404, 410]);

/** What the server refused an upload for; when nobody answered, that. */
export function problemOfUpload(error: Error | DetailedError): Problem {
  const answer = answerTo(error);
  if (answer === null) return problemOfThrown(new TypeError(error.message));
  const problem = problemOf(parsed(answer.getBody()));
  const code = CODE_OF_STATUS[answer.getStatus()];
  return problem.code === 'UNEXPECTED_ANSWER' && code !== undefined ? problemOf({ code }) : problem;
}

/** Whether the upload may go on by itself after a while. */
export const isPassingRefusal = (error: Error | DetailedError): boolean =>
  PASSING.has(answerTo(error)?.getStatus() ?? 0);

/** Whether the server no longer knows the upload: it stood still for too long, or it is complete. */
export const isGone = (error: Error | DetailedError): boolean => GONE.has(answerTo(error)?.getStatus() ?? 0);

const answerTo = (error: Error | DetailedError): DetailedError['originalResponse'] =>
  'originalResponse' in error ? error.originalResponse : null;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
