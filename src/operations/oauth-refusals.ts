/** How the OAuth operations refuse (RFC 6749, section 5.2). */
import type { ClientFault } from '../clients/authentication.ts';
import type { Reply } from '../http/contract.ts';

type OAuthError = Extract<Reply<'issueToken'>, { status: 400 }>['body']['error'];

export function refuse(error: OAuthError, error_description: string) {
  return { status: 400, body: { error, error_description } } as const;
}

/** 401 for a client that failed to authenticate, 400 for everything else (RFC 6749, 5.2). */
export function refuseClient({ error, description }: ClientFault) {
  if (error !== 'invalid_client') return refuse(error, description);
  return { status: 401, body: { error, error_description: description } } as const;
}

export const unauthenticated: ClientFault = {
  error: 'invalid_client',
  description: 'This needs an authenticated client.',
};

/** `grantable` is all that could have been granted, whatever was asked for. */
export function refuseScope(grantable: readonly string[]) {
  if (grantable.length > 0)
    return refuse('invalid_scope', 'The scope is malformed, or asks for more than can be granted.');
  return refuse('invalid_scope', 'The client can pass on none of the scopes that the user has.');
}

export const invalidTarget = refuse('invalid_target', 'The client may not get tokens for this resource.');
