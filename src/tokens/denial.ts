import type { Source } from '../audit/event.ts';
import type { RecordOnce } from '../audit/once.ts';
import type { Clock } from '../clock.ts';
import type { Caller } from './caller.ts';
import { privilegesIn, splitScope } from './scope.ts';

/** Seconds for which it is enough to have said once that somebody was denied an operation. */
const window = 60;

/** Notes that a caller whose token works was denied an operation. */
export type RecordDenial = (caller: Caller, operationId: string, source: Source) => Promise<void>;

/**
 * Puts on record who may do more than every user and asked for what is beyond that: a mistake, an attempt, or a token in
 * other hands. Once a minute for each operation, however often it is asked for and whatever for.
 */
export function createDenialRecorder(deps: {
  recordOnce: RecordOnce;
  clock: Clock;
  counted: () => void;
}): RecordDenial {
  const { recordOnce, clock, counted } = deps;
  return async ({ claims: { sub, client_id: clientId, scope } }, operationId, { address }) => {
    if (privilegesIn(splitScope(scope)).length === 0) return;
    counted();
    const actor = { kind: 'caller', sub, clientId } as const;
    const event = { actor, reason: null, address, subject: sub, detail: operationId };
    await recordOnce('access.denied', { of: [sub, operationId], until: clock() + window }, async () => event);
  };
}
