/** What a primary and its workers tell each other. */
import type { StopReason } from '../server/signals.ts';

/** What a primary puts behind `main.ts` on the command line of a worker, which `main.ts` looks for. */
export const workerRole = 'worker';

/** Others, such as those who gather metrics, send messages of their own through the same channel. */
export type FromWorker =
  | { readonly tessera: 'serving' }
  /** It cannot start, for a reason that is to be read by people. */
  | { readonly tessera: 'refused'; readonly reason: string };

export type ToWorker = { readonly tessera: 'stop'; readonly reason: StopReason };

export function isFromWorker(message: unknown): message is FromWorker {
  return typeof message === 'object' && message !== null && 'tessera' in message;
}

export function isToWorker(message: unknown): message is ToWorker {
  return typeof message === 'object' && message !== null && 'tessera' in message && message.tessera === 'stop';
}
