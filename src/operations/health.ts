import type { Handler } from '../http/contract.ts';
import { Unavailable } from '../unavailable.ts';

export function getLiveness(): Handler<'getLiveness'> {
  return () => ({ status: 200, body: { status: 'live' } });
}

/** `isReady` looks at what every request depends on. Whatever it throws, the server cannot serve: 503, the cause in the log. */
export function getReadiness(isReady: () => Promise<boolean>): Handler<'getReadiness'> {
  return async () => {
    const ready = await isReady().catch((cause: unknown) => {
      throw new Unavailable('Not ready.', { cause });
    });
    if (ready) return { status: 200, body: { status: 'ready' } };
    return { status: 503, headers: { 'Retry-After': '1' }, body: { detail: 'Not ready.' } };
  };
}
