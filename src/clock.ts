/** Tells the time in whole epoch seconds, the unit of every moment in Tessera (RFC 7519, NumericDate). */
export type Clock = () => number;

export const systemClock: Clock = () => Math.floor(Date.now() / 1000);

/** A moment as the contract writes it: RFC 3339, in UTC, whole seconds. */
export function toRfc3339(epochSeconds: number): string {
  return new Date(epochSeconds * 1000).toISOString().replace('.000Z', 'Z');
}
