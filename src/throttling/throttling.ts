/**
 * Limits how often somebody may try or succeed. `policies.ts` has the numbers, `throttles.ts` what each one wraps. The domain does not
 * know that it is limited: `server/handlers.ts` wraps it. Left to others: where budgets are kept (`database/`) and what a 429 says
 * (`http/reply/errors.ts`).
 */
