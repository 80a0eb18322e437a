/** Thrown to refuse a try because there were too many of its kind. */
export class Throttled extends Error {
  override readonly name = 'Throttled';
  /** Seconds after which another try makes sense. */
  readonly retryAfter: number;

  /** Names of those that have no try left, for operators. */
  readonly policies: readonly string[];

  constructor(retryAfter: number, policies: readonly string[]) {
    super(`Too many tries: ${policies.join(', ')}.`);
    this.retryAfter = retryAfter;
    this.policies = policies;
  }
}
