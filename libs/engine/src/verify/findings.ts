import { type DomainError, type ImportCheck, type ImportCheckName, type VerifyProblem } from '@pawvault/contracts';

/** What an archive alone can prove; whether its id is free is not up to it. */
export const PROOF_CHECKS = ['structure', 'layout', 'metadata', 'manifest', 'content', 'signature'] as const;
export type ProofCheckName = (typeof PROOF_CHECKS)[number] & ImportCheckName;

const REPORTED_PROBLEMS = 100;

/** Ends a proof at its first problem. Never leaves this directory. */
export class ProofHalted extends Error {}

/** Collects problems check by check: remembers the first ones and counts the rest. */
export class Findings {
  readonly first: VerifyProblem[] = [];
  count = 0;
  private readonly checks: ImportCheck[] = PROOF_CHECKS.map((name) => ({
    name,
    state: 'skipped',
    code: null,
    entry: null,
    message: null,
  }));
  private current: ImportCheck | undefined;

  constructor(private readonly extent: 'first-problem' | 'everything') {}

  /** The check before has passed unless it has a problem; what is found from now on belongs to this one. */
  enter(name: ProofCheckName): void {
    this.current = this.checks.find((check) => check.name === name);
    if (this.current !== undefined) this.current.state = 'passed';
  }

  /** @throws ProofHalted when one problem is enough */
  add({ code, path, message }: VerifyProblem): void {
    this.record({ code, path, message });
    if (this.extent === 'first-problem') throw new ProofHalted();
  }

  /** A refusal behind which nothing more can be found. */
  end({ code, message, details }: DomainError): void {
    this.record({ code, path: typeof details['entry'] === 'string' ? details['entry'] : null, message });
  }

  private record(problem: VerifyProblem): void {
    const { code, path: entry, message } = problem;
    this.count += 1;
    if (this.first.length < REPORTED_PROBLEMS) this.first.push(problem);
    if (this.current?.state === 'passed') Object.assign(this.current, { state: 'failed', code, entry, message });
  }

  /** Something to know about a check that passes. */
  note(code: string, message: string): void {
    if (this.current?.state === 'passed') Object.assign(this.current, { code, message });
  }

  /** Nothing is wrong, and yet somebody has to decide. */
  defer(code: string, message: string): void {
    if (this.current !== undefined) Object.assign(this.current, { state: 'decision', code, message });
  }

  /** One for each of {@link PROOF_CHECKS}, in this order. */
  get report(): ImportCheck[] {
    return this.checks.map((check) => ({ ...check }));
  }
}
