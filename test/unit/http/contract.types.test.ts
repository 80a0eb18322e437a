/**
 * What must not compile. `tsc` is the test: it fails where an error that is expected here does not come, so this file is
 * checked by `npm run types`, which `npm test` runs first. Nothing in it is worth running.
 */
import { describe, expectTypeOf, it } from 'vitest';
import type { Handler, Handlers, Reply, Request } from '../../../src/http/contract.ts';
import type { Caller } from '../../../src/tokens/caller.ts';

const user = {
  id: 'usr_Zm9vYmFyYmF6cXV4MTIzNA',
  username: 'ada',
  name: null,
  roles: [],
  created_at: '2026-09-21T14:13:20Z',
  updated_at: '2026-09-21T14:13:20Z',
};

describe('the contract as types', () => {
  it('names the handler that is missing, and one that belongs to no operation', () => {
    type Others = Omit<Handlers, 'getJwks'>;
    // @ts-expect-error getJwks is missing
    const missing = (others: Others): Handlers => others;
    // @ts-expect-error there is no such operation
    const extra = (all: Handlers): Handlers => ({ ...all, getJwksTwice: all.getJwks });
    expectTypeOf([missing, extra]).not.toBeAny();
  });

  it('refuses a status that the operation does not declare', () => {
    // @ts-expect-error 404 is not declared
    const handler: Handler<'getCurrentUser'> = () => ({ status: 404, body: { detail: 'gone' } });
    expectTypeOf(handler).not.toBeAny();
  });

  it('refuses a body that lacks a member, or has one of another type', () => {
    const nameless: Omit<typeof user, 'username'> = user;
    // @ts-expect-error username is missing
    const lacking: Handler<'getCurrentUser'> = () => ({ status: 200, body: nameless });
    // @ts-expect-error id is a string
    const wrong: Handler<'getCurrentUser'> = () => ({ status: 200, body: { ...user, id: 1 } });
    // @ts-expect-error 204 has no body
    const full: Handler<'deleteCurrentUser'> = () => ({ status: 204, body: user });
    expectTypeOf([lacking, wrong, full]).not.toBeAny();
  });

  it('refuses a reply without a header that the handler has to choose', () => {
    // @ts-expect-error WWW-Authenticate is missing
    const bare: Handler<'getCurrentUser'> = () => ({ status: 401, body: { detail: 'no' } });
    // @ts-expect-error Cache-Control and ETag are missing
    const uncacheable: Handler<'getJwks'> = () => ({ status: 200, body: { keys: [] } });
    expectTypeOf([bare, uncacheable]).not.toBeAny();
  });

  it('takes the members that a problem has beyond those of RFC 9457, and no others for them (its section 3.2)', () => {
    const headers = { 'Retry-After': '1' };
    const detail = 'The keys have just been changed.';
    const whole: Reply<'rotateKeys'> = { status: 409, headers, body: { detail, conflict: 'changed' } };
    // @ts-expect-error conflict is missing
    const lacking: Reply<'rotateKeys'> = { status: 409, headers, body: { detail } };
    // @ts-expect-error there is no such conflict
    const wrong: Reply<'rotateKeys'> = { status: 409, headers, body: { detail, conflict: 'too_late' } };
    // @ts-expect-error this problem has no such member
    const strange: Reply<'revokeKey'> = { status: 404, body: { detail, conflict: 'changed' } };
    // @ts-expect-error the status is written by the exit
    const written: Reply<'revokeKey'> = { status: 404, body: { detail, status: 404 } };
    // @ts-expect-error Retry-After is missing
    const hasty: Reply<'rotateKeys'> = { status: 409, body: { detail, conflict: 'changed' } };
    expectTypeOf([whole, lacking, wrong, strange, written, hasty]).not.toBeAny();
  });

  it('types the parameters of path and query', () => {
    expectTypeOf<Request<'revokeKey'>['path']>().toEqualTypeOf<Readonly<{ kid: string }>>();
    expectTypeOf<Request<'listAuditEvents'>['query']['limit']>().toEqualTypeOf<number | undefined>();
    expectTypeOf<Request<'revokeKey'>['body']>().toEqualTypeOf<Readonly<{ reason?: string }> | undefined>();
  });

  it('refuses an OAuth error code that RFC 6749 and 6750 do not have', () => {
    // @ts-expect-error invalid_password is no error code
    const reply: Reply<'issueToken'> = { status: 400, body: { error: 'invalid_password' } };
    expectTypeOf(reply).not.toBeAny();
  });

  it('gives a caller exactly where the contract asks for an access token', () => {
    expectTypeOf<Request<'getCurrentUser'>['caller']>().toEqualTypeOf<Caller>();
    expectTypeOf<Request<'registerUser'>>().not.toHaveProperty('caller');
    expectTypeOf<Request<'issueToken'>>().not.toHaveProperty('caller');
    expectTypeOf<Request<'issueToken'>['authorization']>().toEqualTypeOf<string | undefined>();
    // @ts-expect-error a public operation has no caller
    type Impossible = Request<'getLiveness'>['caller'];
    expectTypeOf<Impossible>().toBeAny();
  });

  it('types what is asked: body, headers', () => {
    expectTypeOf<Request<'issueToken'>['body']['grant_type']>().toEqualTypeOf<
      'password' | 'refresh_token' | 'client_credentials'
    >();
    expectTypeOf<Request<'getJwks'>['headers']>().toEqualTypeOf<Readonly<{ 'If-None-Match'?: string }>>();
    expectTypeOf<Request<'getLiveness'>['body']>().toEqualTypeOf<undefined>();
  });
});
