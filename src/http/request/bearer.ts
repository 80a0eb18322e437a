/** The `bearerAuth` scheme: reads the header strictly, finds the caller, and holds the token to the operation's scopes. */
import type { Request } from 'express';
import type { Authenticate } from '../../tokens/authenticate.ts';
import type { Caller } from '../../tokens/caller.ts';
import { bearerChallenge, lackOf } from '../../tokens/challenge.ts';
import { hasScope } from '../../tokens/scope.ts';
import { exchangeOf } from '../exchange.ts';
import { HttpError } from '../reply/http-error.ts';

/**
 * The token of an `Authorization: Bearer` header (RFC 6750, 2.1). Undefined when there is no such header or it is of
 * another scheme; null when it is malformed.
 */
export function parseBearer(authorization: string | undefined): string | null | undefined {
  if (authorization === undefined || !/^bearer(?: |$)/i.test(authorization)) return undefined;
  return /^bearer +([A-Za-z0-9._~+/-]+=*)$/i.exec(authorization)?.[1] ?? null;
}

export function isBearer(authorization: string | undefined): boolean {
  return parseBearer(authorization) !== undefined;
}

/** Whom the request's access token speaks for. Throws an `HttpError` with 401, or with 403 when a scope is missing. */
export type IdentifyBearer = (request: Request, scopes: readonly string[]) => Promise<Caller>;

/** `guessed` is told of each token that does not work, unless it has only expired, before it is refused for that. */
export function bearerIdentifier(
  authenticate: Authenticate,
  guessed: (request: Request) => Promise<void> = () => Promise.resolve(),
): IdentifyBearer {
  return async (request, scopes) => {
    const token = parseBearer(request.headers.authorization);
    if (token === undefined) throw unauthorized();
    const caller = token === null ? 'invalid' : await authenticate(token);
    if (caller === 'expired') throw unauthorized('The access token has expired.');
    if (caller === 'invalid') {
      await guessed(request);
      throw unauthorized('The access token does not work.');
    }
    const { scope: granted } = caller.claims;
    if (scopes.every((scope) => hasScope(granted, scope))) return caller;
    const exchange = exchangeOf(request);
    if (exchange !== undefined) exchange.lackingCaller = caller;
    throw insufficientScope(scopes);
  };
}

/** The check that the validator runs for `bearerAuth`. It never throws: why it refuses is left in the exchange. */
export function bearerCheck(identify: IdentifyBearer) {
  return async (request: Request, scopes: readonly string[]): Promise<boolean> => {
    const exchange = exchangeOf(request);
    if (exchange === undefined) return false;
    try {
      exchange.caller = await identify(request, scopes);
      return true;
    } catch (error) {
      exchange.denial = error;
      return false;
    }
  };
}

/** Without credentials the challenge is bare (RFC 6750, 3.1). */
export function unauthorized(description?: string): HttpError {
  return new HttpError(401, description ?? 'This needs an access token.', {
    oauthError: 'invalid_token',
    headers: { 'WWW-Authenticate': bearerChallenge(description && { error: 'invalid_token', description }) },
  });
}

export function insufficientScope(scopes: readonly string[]): HttpError {
  const { detail, headers } = lackOf(scopes);
  return new HttpError(403, detail, { oauthError: 'insufficient_scope', headers });
}
