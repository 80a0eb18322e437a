import type { Handler } from '../http/contract.ts';

export function getLiveness(): Handler<'getLiveness'> {
  return () => ({ status: 200, body: { status: 'live' } });
}

/** `isReady` looks at what every request depends on; when it throws, the answer is the reply for that. */
export function getReadiness(isReady: () => Promise<boolean>): Handler<'getReadiness'> {
  return async () => {
    if (await isReady()) return { status: 200, body: { status: 'ready' } };
    return { status: 503, headers: { 'Retry-After': '1' }, body: { detail: 'Not ready.' } };
  };
}
