/**
 * Stands in for `it` in a spec that cannot run here; the report counts the test as skipped, and its name says why:
 * `const itMounts = canMount() ? it : skipped('needs the right to mount')`.
 */
export const skipped =
  (reason: string) =>
  (name: string, _test: unknown, _timeoutMs?: number): void =>
    it.skip(withReason(name, reason), () => undefined);

/** Stands in for `describe`: every test of the group is reported as skipped. */
export const skippedGroup =
  (reason: string) =>
  (name: string, body: () => void): void =>
    describe.skip(withReason(name, reason), body);

const withReason = (name: string, reason: string): string => `${name} [skipped: ${reason}]`;
