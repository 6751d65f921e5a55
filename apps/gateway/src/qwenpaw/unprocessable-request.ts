/** One fault of a request body, as FastAPI words it. */
export interface Issue {
  type: string;
  /** From the body down to the field. */
  loc: (string | number)[];
  msg: string;
  input: unknown;
  ctx?: { expected: string };
}

/** The body is not of the form that QwenPaw's own models have: status 422. */
export class UnprocessableRequest extends Error {
  override readonly name = 'UnprocessableRequest';

  constructor(readonly issues: readonly Issue[]) {
    super(issues.map(({ loc, msg }) => `${loc.join('.')}: ${msg}`).join('; '));
  }
}
