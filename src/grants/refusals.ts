/** How the OAuth operations refuse (RFC 6749, section 5.2). */
import type { ClientFault } from '../clients/authentication.ts';
import type { Reply } from '../http/contract.ts';
import { parseScope } from '../tokens/scope.ts';

/** Of a word of a scope that is refused, no more is said back. */
const longestWord = 100;

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

/** `grantable` is all that could have been granted. The sentence names the first word that is not among it. */
export function refuseScope(requested: string | undefined, grantable: readonly string[]) {
  if (requested === undefined || grantable.length === 0)
    return refuse('invalid_scope', 'The client can pass on none of the scopes that the user has.');
  const word = parseScope(requested)?.find((each) => !grantable.includes(each));
  if (word === undefined)
    return refuse('invalid_scope', 'The scope is not words of printable ASCII with one space between two.');
  const shown = word.length > longestWord ? `${word.slice(0, longestWord)}...` : word;
  return refuse('invalid_scope', `The scope has ${shown}, which cannot be granted.`);
}

export const invalidTarget = refuse('invalid_target', 'The client may not get tokens for this resource.');
