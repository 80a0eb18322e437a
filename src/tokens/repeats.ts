/** Which repeats of a refresh are forgiven, and what a session remembers of them. */
import { networkIn } from '../network.ts';

/** What a session remembers of the repeats that were forgiven. */
export type Repeats = {
  /**
   * Which of the last ten rotations were repeated from another network, as bits: bit 0 is that of the rotation which gave
   * out the token issued at `countedTo`, each higher one that of the rotation before.
   */
  readonly elsewhere: number;
  /** Epoch seconds; null where `elsewhere` is 0. */
  readonly countedTo: number | null;
  /** When the last event was written of a repeat from the same network. */
  readonly toldAt: number | null;
};

export const noRepeats: Repeats = { elsewhere: 0, countedTo: null, toldAt: null };

/** How many rotations are looked back on, and in how many of them a repeat from another network is forgiven. */
export const rotationsRemembered = 10;
const mostElsewhere = 2;

/** Seconds in which one event is written of the repeats of a session from the same network, at most. */
const tellEvery = 3600;

const allRemembered = 2 ** rotationsRemembered - 1;

/** What is remembered after so many more rotations, the last of which gave out a token issued at `countedTo`. */
export function afterRotations(repeats: Repeats, rotations: number, countedTo: number): Repeats {
  const elsewhere = rotations < rotationsRemembered ? (repeats.elsewhere << rotations) & allRemembered : 0;
  return { ...repeats, elsewhere, countedTo: elsewhere === 0 ? null : countedTo };
}

export type ForgivenRepeat = {
  /** Whether it came from another network than the rotation. */
  readonly isElsewhere: boolean;
  /** Whether an event is to be written of it. */
  readonly isTold: boolean;
  /** What the session remembers from now on. */
  readonly repeats: Repeats;
};

/**
 * Decides whether a repeat of the last rotation is forgiven; null when it is not.
 *
 * From the network of the rotation, it is a second tab or a lost reply, and whoever is in that network cannot be told
 * from the client. From another one it is a client that has moved just then, or a thief. A client moves now and then; a thief
 * has to come at every rotation, before the client or after it, or lose the session. So it is forgiven for two of the last ten
 * rotations, however often the same one is repeated. `repeats` is as of the last rotation, which gave out a token issued at
 * `issuedAt`. Moments are epoch seconds. Pure: the caller stores the outcome.
 */
export function forgiveRepeat(
  repeats: Repeats,
  { source, before, issuedAt, now }: { source: Place; before: Place; issuedAt: number; now: number },
): ForgivenRepeat | null {
  const isElsewhere = networkOf(source) !== networkOf(before);
  const elsewhere = isElsewhere ? repeats.elsewhere | 1 : repeats.elsewhere;
  if (isElsewhere && countBits(elsewhere) > mostElsewhere) return null;
  const countedTo = elsewhere === 0 ? null : issuedAt;
  // From elsewhere once for each rotation, whatever else was told: no second tab may hide a thief.
  const isTold = isElsewhere ? elsewhere !== repeats.elsewhere : isDue(repeats.toldAt, now);
  const toldAt = isTold && !isElsewhere ? now : repeats.toldAt;
  return { isElsewhere, isTold, repeats: { elsewhere, countedTo, toldAt } };
}

function isDue(toldAt: number | null, now: number): boolean {
  return toldAt === null || now - toldAt >= tellEvery;
}

type Place = { readonly address: string | null };

/** What one household or office has, and a phone keeps while it stays where it is. Those that are not known are one. */
function networkOf({ address }: Place): string {
  return networkIn(address ?? '', { ipv4: 24, ipv6: 64 }) ?? 'unknown';
}

function countBits(bits: number): number {
  return bits.toString(2).replaceAll('0', '').length;
}
