import { Throttled } from './throttled.ts';

/** Does the work, unless too much is under way for the network. Throws `Throttled` before anything was begun. */
export type AtOnce = <Outcome>(network: string, work: () => Promise<Outcome>) => Promise<Outcome>;

/** How many of the passwords that may wait can be of one network. */
export function mostAtOnce(mostWaiting: number): number {
  return Math.floor(mostWaiting / 2);
}

/**
 * One network may hold at most half the queue of `mostWaiting` passwords (`users/password-hasher.ts`). Counts in this process
 * alone, as the queue is its own, and remembers no network for which nothing is under way.
 */
export function atOnce(mostWaiting: number): AtOnce {
  const most = mostAtOnce(mostWaiting);
  const underWay = new Map<string, number>();
  return async (network, work) => {
    const others = underWay.get(network) ?? 0;
    if (others >= most) throw new Throttled(1, ['at-once']);
    underWay.set(network, others + 1);
    try {
      return await work();
    } finally {
      const left = (underWay.get(network) ?? 0) - 1;
      if (left > 0) underWay.set(network, left);
      else underWay.delete(network);
    }
  };
}
