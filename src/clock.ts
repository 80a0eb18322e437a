/** Tells the time in whole epoch seconds, the unit of every moment in Tessera (RFC 7519, NumericDate). */
export type Clock = () => number;

export const systemClock: Clock = () => Math.floor(Date.now() / 1000);
