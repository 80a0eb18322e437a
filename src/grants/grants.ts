/**
 * The grants of `POST /token`, one file each, and what they share. A grant gets a client that has authenticated and may use it
 * (`operations/tokens.ts`). This room leaves to `tokens/` what a session or a token is.
 */
import type { Source } from '../audit/event.ts';
import type { AuthenticatedClient } from '../clients/authentication.ts';
import type { GrantType } from '../clients/store.ts';
import type { Reply, Request } from '../http/contract.ts';

export type TokenRequest = Request<'issueToken'>['body'];

export type Grant = (
  request: TokenRequest,
  client: AuthenticatedClient,
  source: Source,
) => Promise<Reply<'issueToken'>>;

export type Grants = Readonly<Record<Exclude<GrantType, 'password'>, Grant>> & {
  readonly password?: Grant | undefined;
};

type Issued = Extract<Reply<'issueToken'>, { status: 200 }>;

export function issued(body: Issued['body']): Issued {
  return { status: 200, body };
}
