/** Something the user should know about that did not stop the job. `code` is stable, `message` is for people. */
export interface JobWarning {
  code: string;
  message: string;
  details?: Record<string, unknown>;
}
