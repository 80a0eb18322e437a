/** Thrown when something that Tessera depends on is away for now, such as a database that is locked or gone. */
export class Unavailable extends Error {
  override name = 'Unavailable';
  /** Seconds after which another try makes sense. */
  readonly retryAfter: number;
  /** Whether it is no news to the operator: who asks for it over and over must not fill the log. */
  readonly isExpected: boolean;

  constructor(message: string, options: { retryAfter?: number; isExpected?: boolean; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.retryAfter = options.retryAfter ?? 1;
    this.isExpected = options.isExpected ?? false;
  }
}

/** Thrown before anything was begun, because too much waits already. */
export class Overloaded extends Unavailable {
  override name = 'Overloaded';

  constructor(message: string, options: { retryAfter?: number } = {}) {
    super(message, { ...options, isExpected: true });
  }
}
