import type { Handler } from '../http/contract.ts';
import { Unavailable } from '../unavailable.ts';

export function getLiveness(): Handler<'getLiveness'> {
  return () => ({ status: 200, body: { status: 'live' } });
}

/** `assertReady` looks at what every request depends on. Whatever it throws means 503, with the cause in the log. */
export function getReadiness(assertReady: () => Promise<unknown>): Handler<'getReadiness'> {
  return async () => {
    await assertReady().catch((cause: unknown) => {
      throw new Unavailable('Not ready.', { cause });
    });
    return { status: 200, body: { status: 'ready' } };
  };
}
