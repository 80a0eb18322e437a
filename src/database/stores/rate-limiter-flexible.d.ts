/** The library describes this class only in part, and not where it is. */
declare module 'rate-limiter-flexible/lib/RateLimiterStoreAbstract.js' {
  import { RateLimiterAbstract, type RateLimiterRes } from 'rate-limiter-flexible';

  export default abstract class RateLimiterStoreAbstract<Options, Stored> extends RateLimiterAbstract {
    constructor(options: { keyPrefix: string; points: number; duration: number });
    consume(key: string, points: number, options: Options): Promise<RateLimiterRes>;
    protected abstract _upsert(
      key: string,
      points: number,
      duration: number,
      isForced: boolean,
      options: Options,
    ): Promise<Stored>;
    protected abstract _getRateLimiterRes(key: string, changedPoints: number, stored: Stored): RateLimiterRes;
  }
}

declare module 'rate-limiter-flexible/lib/RateLimiterRes.js' {
  export { RateLimiterRes as default } from 'rate-limiter-flexible';
}
