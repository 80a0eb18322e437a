/** Thrown to refuse a try because there were too many of its kind. */
export class Throttled extends Error {
  override readonly name = 'Throttled';
  /** Seconds after which another try makes sense. */
  readonly retryAfter: number;

  /** `policies` are names, for the log. */
  constructor(retryAfter: number, policies: readonly string[]) {
    super(`Too many tries: ${policies.join(', ')}.`);
    this.retryAfter = retryAfter;
  }
}
