import { passwordRoom } from '../users/password.ts';
import { Throttled } from './throttled.ts';

/** Half of the queue that passwords wait in to be hashed (`users/password.ts`): no network keeps all others out of it. */
export const mostAtOnce = 50;

/** Workers have less room each. */
const mostHere = (): number => Math.min(mostAtOnce, Math.floor(passwordRoom() / 2));

/** Does the work, unless too much is under way for the network. Throws `Throttled` before anything was begun. */
export type AtOnce = <Outcome>(network: string, work: () => Promise<Outcome>) => Promise<Outcome>;

/** Counts in this process alone, as the queue is its own, and remembers no network for which nothing is under way. */
export function atOnce(): AtOnce {
  const underWay = new Map<string, number>();
  return async (network, work) => {
    const others = underWay.get(network) ?? 0;
    if (others >= mostHere()) throw new Throttled(1, ['at-once']);
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
