/** What the tests of the limits do over and over: try from somewhere, and look at how it was refused. */
import type { Response, Test } from 'supertest';
import { expect } from 'vitest';
import { networkOf } from '../../src/throttling/network.ts';
import type { Policy } from '../../src/throttling/policies.ts';
import type { Budget } from '../../src/throttling/store.ts';
import { type Tessera, password, it as base, openTessera } from './tessera.ts';

/** With limits, behind a proxy that tells where a request came from. */
export const limited = { RATE_LIMITS: 'on', TRUST_PROXY: 'loopback' };

export type Attempt = { username: string; from?: string | undefined; password?: string } & Record<
  string,
  string | undefined
>;

/** A login, with the right password unless another is given. */
export function logIn(tessera: Pick<Tessera, 'request'>, { from, ...fields }: Attempt): Test {
  const form = { grant_type: 'password', password, ...fields };
  return via(tessera.request.post('/token').type('form').send(form), from);
}

export function failToLogIn(tessera: Pick<Tessera, 'request'>, attempt: Attempt): Test {
  return logIn(tessera, { ...attempt, password: 'not this one' });
}

/** The request as the proxy passes it on. */
export function via(request: Test, from: string | undefined): Test {
  return from === undefined ? request : request.set('X-Forwarded-For', from);
}

/** Addresses of which no two are in one network, and that no other call has named. */
let named = 0;
export function elsewhere(): string {
  named += 1;
  return `2001:db8:${Math.floor(named / 65_536).toString(16)}:${(named % 65_536).toString(16)}::1`;
}

export function statuses(replies: readonly Response[]): number[] {
  return replies.map(({ status }) => status);
}

/** `count` of them, one after the other. */
export async function inTurn(count: number, ask: (n: number) => Test): Promise<Response[]> {
  const replies: Response[] = [];
  for (let n = 0; n < count; n += 1) replies.push(await ask(n));
  return replies;
}

export function times(count: number, status: number): number[] {
  return Array.from({ length: count }, () => status);
}

/** Uses up tries of a network that are tedious to make. */
export function use(tessera: Tessera, policy: Policy, address: string, tries: number): Promise<void> {
  return useUp(tessera, { policy, of: [networkOf(address)] }, tries);
}

/** The same of any budget. */
export async function useUp(tessera: Tessera, budget: Budget, tries: number): Promise<void> {
  for (let n = 0; n < tries; n += 1)
    expect(await tessera.database.rateLimits.take([budget], tessera.clock())).toMatchObject({ kind: 'taken' });
}

export function expectThrottled(reply: Response, { retryAfter, as }: { retryAfter: number; as: 'oauth' | 'problem' }) {
  const text = 'Too many tries. Wait before the next one.';
  expect(reply.body).toEqual(
    as === 'oauth'
      ? { error: 'temporarily_unavailable', error_description: text }
      : {
          type: 'about:blank',
          title: 'Too Many Requests',
          status: 429,
          detail: text,
          request_id: expect.any(String) as string,
        },
  );
  expect(reply.status).toBe(429);
  expect(reply.headers).toMatchObject({
    'content-type': as === 'oauth' ? 'application/json' : 'application/problem+json',
    'cache-control': 'no-store',
    'retry-after': String(retryAfter),
  });
}

/** `it` with one Tessera for the whole file that limits tries. */
export const it = base.extend('tessera', { scope: 'file' }, async ({}, { onCleanup }) => {
  const tessera = await openTessera(limited);
  onCleanup(() => tessera.close());
  return tessera;
});
