import type { Cause } from '../audit/event.ts';

/** What an event says of sessions that their user ended. */
export const endedByUser = 'ended by the user';

/** How an administrator ends sessions, here and at the command line. */
export function endedByAnother(cause: Cause): Cause & { readonly detail: string } {
  return { ...cause, detail: 'ended by an administrator' };
}
