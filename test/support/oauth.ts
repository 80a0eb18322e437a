/** What OAuth clients do, and what every one of their tests expects of a refusal. */
import type { Response } from 'supertest';
import { expect } from 'vitest';
import type { Role } from '../../src/users/store.ts';
import { type Tessera, type Tokens, password } from './tessera.ts';

export type Credentials = { client_id: string; client_secret: string };

/** `Authorization: Basic`, both parts form-encoded first (RFC 6749, 2.3.1). */
export function basic({ client_id, client_secret }: Credentials): string {
  const encode = (text: string) => new URLSearchParams({ '': text }).toString().slice(1);
  return basicHeader(`${encode(client_id)}:${encode(client_secret)}`);
}

export function basicHeader(userAndPassword: string | Uint8Array): string {
  return `Basic ${Buffer.from(userAndPassword).toString('base64')}`;
}

/** A new user with a session of the first-party client, or of `client`. */
export async function signIn(
  tessera: Tessera,
  how: { scope?: string; client?: Partial<Credentials>; roles?: readonly Role[]; resource?: string } = {},
): Promise<{ id: string; username: string; tokens: Tokens }> {
  const { scope = '', client = {}, roles, resource = '' } = how;
  const user = await tessera.newUser(roles);
  const form = { grant_type: 'password', username: user.username, password, scope, resource, ...client };
  const reply = await tessera.form('/token', form).expect(200);
  return { ...user, tokens: reply.body as Tokens };
}

/** The id of the session that the tokens are of. */
export function sessionOf({ access_token }: Pick<Tokens, 'access_token'>): string {
  const claims = Buffer.from(access_token.split('.')[1] ?? '', 'base64url').toString();
  return (JSON.parse(claims) as { sid: string }).sid;
}

export function refresh(tessera: Tessera, refresh_token: string, more: Record<string, string> = {}) {
  return tessera.form('/token', { grant_type: 'refresh_token', refresh_token, ...more });
}

/** A refresh that succeeds. */
export async function rotate(tessera: Tessera, refreshToken: string, more?: Record<string, string>): Promise<Tokens> {
  return (await refresh(tessera, refreshToken, more).expect(200)).body as Tokens;
}

const observers = new WeakMap<Tessera, Promise<Credentials>>();

/** Introspection by a client that may see every token. */
export async function introspect(tessera: Tessera, token: string): Promise<Record<string, unknown>> {
  const known = observers.get(tessera) ?? tessera.addClient('tokens:introspect');
  observers.set(tessera, known);
  const observer = await known;
  return (await tessera.form('/introspect', { token, ...observer }).expect(200)).body as Record<string, unknown>;
}

/** The token works neither at our own API nor in the eyes of others. */
export async function expectDead(tessera: Tessera, accessToken: string): Promise<void> {
  await tessera.bearer('get', '/users/me', accessToken).expect(401);
  expect(await introspect(tessera, accessToken)).toEqual({ active: false });
}

export async function expectAlive(tessera: Tessera, accessToken: string): Promise<void> {
  await tessera.bearer('get', '/users/me', accessToken).expect(200);
  expect(await introspect(tessera, accessToken)).toMatchObject({ active: true });
}

/** RFC 6749, 5.2: the status, the error object, and the headers that come with it. */
export function expectOAuthError(reply: Response, status: number, error: string): void {
  expect(reply.body).toEqual({ error, error_description: matching(/^[\x20-\x21\x23-\x5B\x5D-\x7E]+$/) });
  expect(reply.status).toBe(status);
  expect(reply.headers).toMatchObject({ 'content-type': 'application/json', 'cache-control': 'no-store' });
}

const basicChallenge = 'Basic realm="tessera", charset="UTF-8"';

/** RFC 6749, 5.2: 401, with a challenge for the scheme that the client may use. */
export function expectInvalidClient(reply: Response): void {
  expectOAuthError(reply, 401, 'invalid_client');
  expect(reply.headers['www-authenticate']).toBe(basicChallenge);
}

/** RFC 9457: the status, the media type, and nothing in the document but what the contract lists. */
export function expectProblem(reply: Response, status: number, pointer?: string): void {
  expect(reply.status).toBe(status);
  expect(reply.headers).toMatchObject({ 'content-type': 'application/problem+json', 'cache-control': 'no-store' });
  const problem = reply.body as { errors?: { pointer: string }[] };
  expect(problem).toMatchObject({ type: 'about:blank', status, request_id: matching(/^[0-9a-f-]{36}$/) });
  if (pointer !== undefined) expect(problem.errors?.map((fault) => fault.pointer)).toContain(pointer);
}

/** Any text that matches, where a whole value is expected. */
export function matching(pattern: RegExp): unknown {
  return expect.stringMatching(pattern);
}
