/** Thrown when something that Tessera depends on is away for now, such as a database that is locked or gone. */
export class Unavailable extends Error {
  override name = 'Unavailable';
  /** Seconds after which another try makes sense. */
  readonly retryAfter: number;

  constructor(message: string, options: { retryAfter?: number; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.retryAfter = options.retryAfter ?? 1;
  }
}
