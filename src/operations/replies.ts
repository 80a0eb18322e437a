/** Refusals that several operations share. */
import { bearerChallenge, lackOf } from '../tokens/challenge.ts';

/** Of a request that fits the contract as far as a schema can say. */
export function badRequest(pointer: string, detail: string, summary = 'The request does not fit the contract.') {
  return { status: 400, body: { detail: summary, errors: [{ pointer, detail }] } } as const;
}

export const unknownCursor = badRequest('/query/cursor', 'is not the next_cursor of any page');

/** The access token works, and is that of a client. */
export const usersOnly = {
  status: 403,
  headers: { 'WWW-Authenticate': bearerChallenge({ error: 'insufficient_scope' }) },
  body: { detail: 'This needs the access token of a user.' },
} as const;

/** The access token works, and lacks these. */
export function insufficientScope(scopes: readonly string[]) {
  const { detail, headers } = lackOf(scopes);
  return { status: 403, headers, body: { detail } } as const;
}

export const noSuchUser = { status: 404, body: { detail: 'There is no such account.' } } as const;

export const lastAdministrator = { status: 409, body: { detail: 'This is the last administrator.' } } as const;
