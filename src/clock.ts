/** Tells the time in whole epoch seconds, the unit of every moment in Tessera (RFC 7519, NumericDate). */
export type Clock = () => number;

export const systemClock: Clock = () => Math.floor(Date.now() / 1000);

/**
 * The last moment that is taken for one, at the end of the year 8999: whatever is worked out from it has a year of four digits, too, as
 * RFC 3339 wants it.
 */
export const lastMoment = 221_845_391_999;

/** A moment as the contract writes it: RFC 3339, in UTC, whole seconds. */
export function toRfc3339(epochSeconds: number): string {
  return new Date(epochSeconds * 1000).toISOString().replace('.000Z', 'Z');
}

/**
 * Reads a moment of RFC 3339 in any offset; null when it is none. Seconds may be a fraction, or 60 at a leap second, which
 * is the same moment as the second behind it.
 */
export function fromRfc3339(text: string): number | null {
  const [, date, hours, minutes, seconds, sign, offsetHours = '0', offsetMinutes = '0'] =
    /^(\d{4}-\d\d-\d\d)[Tt ](\d\d):(\d\d):(\d\d(?:\.\d+)?)(?:[Zz]|([+-])(\d\d):(\d\d))$/.exec(text) ?? [];
  const midnight = Date.parse(`${date}T00:00:00Z`) / 1000;
  const isDate = date !== undefined && !Number.isNaN(midnight) && toRfc3339(midnight).startsWith(date);
  if (!isDate || Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) >= 61) return null;
  if (Number(offsetHours) > 23 || Number(offsetMinutes) > 59) return null;
  const offset = (sign === '-' ? -1 : 1) * (Number(offsetHours) * 3600 + Number(offsetMinutes) * 60);
  return midnight + Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds) - offset;
}

/**
 * The minute that a moment is in. All that is told of when a session was used last: whoever has stolen a token of it would know
 * from the second when to come with it.
 */
export function toMinute(epochSeconds: number): number {
  return epochSeconds - (epochSeconds % 60);
}
