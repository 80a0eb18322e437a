import type { Handler } from '../http/contract.ts';
import { Unavailable } from '../unavailable.ts';

export function getLiveness(): Handler<'getLiveness'> {
  return () => ({ status: 200, body: { status: 'live' } });
}

/**
 * `assertReady` looks at what every request depends on. Whatever it throws means 503, with the cause in the log. So does a
 * server that is about to stop, so that no more is sent to it: that is as it should be, and is not logged.
 */
export function getReadiness(assertReady: () => Promise<unknown>, isStopping: () => boolean): Handler<'getReadiness'> {
  return async () => {
    if (isStopping()) throw new Unavailable('The server is about to stop.', { isExpected: true });
    await assertReady().catch((cause: unknown) => {
      throw new Unavailable('Not ready.', { cause });
    });
    return { status: 200, body: { status: 'ready' } };
  };
}
