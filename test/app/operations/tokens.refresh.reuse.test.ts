import { describe, expect } from 'vitest';
import type { SessionStore } from '../../../src/tokens/store.ts';
import { openSuccessor } from '../../../src/tokens/successor.ts';
import { connectTo, rowsOf } from '../../support/database.ts';
import {
  expectAlive,
  expectDead,
  expectInvalidClient,
  expectOAuthError,
  introspect,
  refresh,
  rotate,
  signIn,
} from '../../support/oauth.ts';
import { type Tessera, type Tokens, it, startTessera } from '../../support/tessera.ts';

const thirtyDays = 30 * 86_400;

/** What the audit trail says of the session that an access token names, the oldest first. */
async function eventsOf({ database }: Tessera, accessToken: string): Promise<string[]> {
  const { sid } = JSON.parse(Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString()) as { sid: string };
  const events = (await database.audit.listEvents({ before: null, limit: 100, subject: sid })) ?? [];
  return events.map(({ type }) => type).reverse();
}

/** Nothing that the session ever gave out works. */
async function expectOver(tessera: Tessera, all: readonly Tokens[]): Promise<void> {
  for (const { access_token, refresh_token } of all) {
    expectOAuthError(await refresh(tessera, refresh_token), 400, 'invalid_grant');
    expect(await introspect(tessera, refresh_token)).toEqual({ active: false });
    await expectDead(tessera, access_token);
  }
}

describe('the refresh token that was used last, again within REFRESH_REUSE_GRACE', () => {
  it('is answered with the same successor and a fresh access token (RFC 9700, 4.14.2) [ASVS-10.4.5]', async ({
    tessera,
  }) => {
    const { tokens } = await signIn(tessera);
    const lost = await rotate(tessera, tokens.refresh_token);
    tessera.clock.advance(10);
    const again = await rotate(tessera, tokens.refresh_token);
    expect(again.refresh_token).toBe(lost.refresh_token);
    expect(again.access_token).not.toBe(lost.access_token);
    expect(again.expires_in).toBe(900);
    for (const { access_token } of [tokens, lost, again]) await expectAlive(tessera, access_token);
    await rotate(tessera, again.refresh_token);
    expect(await eventsOf(tessera, tokens.access_token)).toEqual(['session.started', 'session.repeated']);
  });

  it('may come any number of times, counted from the first use (RFC 9700, 4.14.2)', async ({ tessera }) => {
    const { tokens } = await signIn(tessera);
    const first = await rotate(tessera, tokens.refresh_token);
    for (let seconds = 0; seconds < 10; seconds += 2) {
      tessera.clock.advance(2);
      expect((await rotate(tessera, tokens.refresh_token)).refresh_token).toBe(first.refresh_token);
    }
    tessera.clock.advance(1);
    await expectOver(tessera, [tokens, first]);
  });

  it('counts as a use of the session, not as its place; the clock of another replica may put it first', async ({
    tessera,
  }) => {
    const { id, tokens } = await signIn(tessera);
    const first = (await refresh(tessera, tokens.refresh_token).set('User-Agent', 'the first')).body as Tokens;
    tessera.clock.advance(-5);
    expect((await rotate(tessera, tokens.refresh_token)).refresh_token).toBe(first.refresh_token);
    tessera.clock.advance(10);
    await refresh(tessera, tokens.refresh_token).set('User-Agent', 'the same again').expect(200);
    const [session] = await tessera.database.sessions.listSessions(id, tessera.clock());
    expect(session).toMatchObject({ lastUsedAt: tessera.clock(), userAgent: 'the first' });
  });

  it('may be narrowed, and refused for its scope, like any other (RFC 6749, 6)', async ({ tessera }) => {
    const { tokens } = await signIn(tessera);
    const first = await rotate(tessera, tokens.refresh_token);
    const wanted = { scope: 'tokens:introspect' };
    expectOAuthError(await refresh(tessera, tokens.refresh_token, wanted), 400, 'invalid_scope');
    const target = { resource: 'https://a.example' };
    expectOAuthError(await refresh(tessera, tokens.refresh_token, target), 400, 'invalid_target');
    const narrowed = await rotate(tessera, tokens.refresh_token, { scope: 'profile:read' });
    expect(narrowed).toMatchObject({ scope: 'profile:read', refresh_token: first.refresh_token });
  });

  it('is nothing to another client, which gets no successor and does no harm (RFC 6749, 6)', async ({ tessera }) => {
    const forUsers = { grantTypes: ['password', 'refresh_token'] } as const;
    const mine = await tessera.addClient('profile:read', forUsers);
    const others = await tessera.addClient('profile:read', forUsers);
    const { tokens } = await signIn(tessera, { client: mine });
    const next = await rotate(tessera, tokens.refresh_token, mine);
    for (const client of [others, {}]) {
      for (const used of [tokens.refresh_token, next.refresh_token])
        expectOAuthError(await refresh(tessera, used, client), 400, 'invalid_grant');
    }
    expectInvalidClient(await refresh(tessera, tokens.refresh_token, { client_id: mine.client_id }));
    expect((await rotate(tessera, tokens.refresh_token, mine)).refresh_token).toBe(next.refresh_token);
    await rotate(tessera, next.refresh_token, mine);
    // Even an older token does no harm when it comes from a client that it never belonged to.
    expectOAuthError(await refresh(tessera, tokens.refresh_token, others), 400, 'invalid_grant');
    await expectAlive(tessera, next.access_token);
  });

  it('is not active at introspection, its successor is (RFC 7662, 2.2)', async ({ tessera }) => {
    const { tokens } = await signIn(tessera);
    const next = await rotate(tessera, tokens.refresh_token);
    expect(await introspect(tessera, tokens.refresh_token)).toEqual({ active: false });
    expect(await introspect(tessera, next.refresh_token)).toMatchObject({ active: true });
  });
});

describe('any other use of a used refresh token', () => {
  it('ends the session with every token of it, even one of a moment ago (RFC 9700, 4.14.2) [RFC9700-2.2.2] [RFC9700-4.14.2/reuse]', async ({
    tessera,
  }) => {
    const { username, tokens } = await signIn(tessera);
    const second = await rotate(tessera, tokens.refresh_token);
    const third = await rotate(tessera, second.refresh_token);
    const elsewhere = await tessera.login(username);

    expectOAuthError(await refresh(tessera, tokens.refresh_token), 400, 'invalid_grant');

    await expectOver(tessera, [tokens, second, third]);
    expect(await eventsOf(tessera, tokens.access_token)).toEqual(['session.started', 'session.reused']);
    await expectAlive(tessera, elsewhere.access_token);
    await rotate(tessera, elsewhere.refresh_token);
  });

  it('does so when it comes after the grace, whatever else is asked (RFC 9700, 4.14.2)', async ({ tessera }) => {
    const { tokens } = await signIn(tessera);
    tessera.clock.advance(thirtyDays - 1);
    const next = await rotate(tessera, tokens.refresh_token);
    tessera.clock.advance(11);
    const late = await refresh(tessera, tokens.refresh_token, { scope: 'tokens:introspect' });
    expectOAuthError(late, 400, 'invalid_grant');
    await expectOver(tessera, [next]);
  });

  it('does so at once where the grace is off (RFC 9700, 4.14.2) [RFC9700-4.14.2/reuse] [ASVS-10.4.5]', async () => {
    const tessera = await startTessera({ REFRESH_REUSE_GRACE: '0s' });
    const { tokens } = await signIn(tessera);
    const next = await rotate(tessera, tokens.refresh_token);
    expectOAuthError(await refresh(tessera, tokens.refresh_token), 400, 'invalid_grant');
    await expectOver(tessera, [tokens, next]);
    expect(await eventsOf(tessera, tokens.access_token)).toEqual(['session.started', 'session.reused']);
  });

  it('says from where it came, and nothing of any token', async ({ tessera }) => {
    const { id, tokens } = await signIn(tessera);
    const next = await rotate(tessera, tokens.refresh_token);
    await rotate(tessera, next.refresh_token);
    await refresh(tessera, tokens.refresh_token).expect(400);
    const [event] = (await tessera.database.audit.listEvents({ before: null, limit: 1 })) ?? [];
    expect(event).toMatchObject({ type: 'session.reused', actor: { kind: 'anonymous' }, address: '127.0.0.1' });
    expect(event?.detail).toBe(`used refresh token, of ${id}`);
    expect(JSON.stringify(event)).not.toContain(tokens.refresh_token.slice(4));
  });
});

/** Holds everyone back until `count` have come, and nobody from then on. */
function barrier(count: number): () => Promise<undefined> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  let arrived = 0;
  return () => {
    arrived += 1;
    if (arrived === count) resolve(undefined);
    return promise;
  };
}

/** A server on which the first `count` looks at a refresh token all come before anything is done about any. */
function startRace(count: number, environment: Record<string, string> = {}): Promise<Tessera> {
  const allHaveLooked = barrier(count);
  return startTessera(environment, ({ stores }) => {
    const findRefreshToken: SessionStore['findRefreshToken'] = async (hash) => {
      const found = await stores.sessions.findRefreshToken(hash);
      await allHaveLooked();
      return found;
    };
    return { stores: { ...stores, sessions: { ...stores.sessions, findRefreshToken } } };
  });
}

describe('twenty uses of a refresh token at the same moment', () => {
  it('all get one and the same successor within the grace (RFC 9700, 4.14.2)', async () => {
    const tessera = await startRace(20);
    const { tokens } = await signIn(tessera);
    const all = await Promise.all(Array.from({ length: 20 }, () => rotate(tessera, tokens.refresh_token)));
    expect(new Set(all.map(({ refresh_token }) => refresh_token)).size).toBe(1);
    expect(new Set(all.map(({ access_token }) => access_token)).size).toBe(20);
    const rows = await rowsOf(tessera.databaseUrl, 'refresh_tokens');
    expect(new Set(rows.map((row) => row['used_at']))).toEqual(new Set([null, tessera.clock()]));
    expect(rows).toHaveLength(2);
    for (const { access_token } of all) await expectAlive(tessera, access_token);
    await rotate(tessera, all[0]?.refresh_token ?? '');
  });

  it('let exactly one win without the grace, and take the rest for theft (RFC 9700, 4.14.2) [RFC9700-4.14.2/reuse]', async () => {
    const tessera = await startRace(20, { REFRESH_REUSE_GRACE: '0s' });
    const { tokens } = await signIn(tessera);
    const replies = await Promise.all(Array.from({ length: 20 }, () => refresh(tessera, tokens.refresh_token)));
    const winners = replies.filter((reply) => reply.status === 200);
    expect(winners).toHaveLength(1);
    for (const loser of replies.filter((reply) => reply.status !== 200)) expectOAuthError(loser, 400, 'invalid_grant');
    await expectOver(tessera, [winners[0]?.body as Tokens, tokens]);
    expect(await eventsOf(tessera, tokens.access_token)).toEqual(['session.started', 'session.reused']);
  });

  it.for(['10s', '0s'])('do so on two servers over one database, too (grace %s)', async (grace) => {
    const one = await startTessera({ REFRESH_REUSE_GRACE: grace });
    const two = await startTessera({ REFRESH_REUSE_GRACE: grace, DATABASE_URL: one.databaseUrl });
    const { tokens } = await signIn(one);
    const replies = await Promise.all(
      Array.from({ length: 20 }, (_, at) => refresh(at % 2 === 0 ? one : two, tokens.refresh_token)),
    );
    const won = replies.filter((reply) => reply.status === 200).map((reply) => reply.body as Tokens);
    expect(won).toHaveLength(grace === '0s' ? 1 : 20);
    expect(new Set(won.map(({ refresh_token }) => refresh_token)).size).toBe(1);
    if (grace === '0s') await expectOver(two, [...won, tokens]);
    else await rotate(two, won[0]?.refresh_token ?? '');
  });
});

/** A server on which, once armed, something happens between the next look at a refresh token and what is done about it. */
async function startInterrupted(): Promise<{ tessera: Tessera; arm: (happen: () => Promise<unknown>) => void }> {
  let happens: (() => Promise<unknown>) | undefined;
  const tessera = await startTessera({}, ({ stores }) => {
    const findRefreshToken: SessionStore['findRefreshToken'] = async (hash) => {
      const found = await stores.sessions.findRefreshToken(hash);
      const happen = happens;
      happens = undefined;
      await happen?.();
      return found;
    };
    return { stores: { ...stores, sessions: { ...stores.sessions, findRefreshToken } } };
  });
  return {
    tessera,
    arm: (happen) => {
      happens = happen;
    },
  };
}

describe('a refresh during which the session ends', () => {
  it.for(['rotates', 'repeats'])('hands out nothing (%s)', async (kind) => {
    const { tessera, arm } = await startInterrupted();
    const { tokens } = await signIn(tessera);
    if (kind === 'repeats') await rotate(tessera, tokens.refresh_token);
    arm(() => tessera.form('/revoke', { token: tokens.refresh_token }).expect(200));
    expectOAuthError(await refresh(tessera, tokens.refresh_token), 400, 'invalid_grant');
    expect(await rowsOf(tessera.databaseUrl, 'refresh_tokens')).toHaveLength(kind === 'repeats' ? 2 : 1);
    expect(await eventsOf(tessera, tokens.access_token)).toEqual(['session.started', 'session.ended']);
  });

  it('hands out nothing, when what ends it is that the successor was used just then', async () => {
    const { tessera, arm } = await startInterrupted();
    const { tokens } = await signIn(tessera);
    const next = await rotate(tessera, tokens.refresh_token);
    arm(() => rotate(tessera, next.refresh_token));
    expectOAuthError(await refresh(tessera, tokens.refresh_token), 400, 'invalid_grant');
    await expectOver(tessera, [tokens, next]);
  });

  it('hands out nothing, when the successor is used right after it was looked at', async () => {
    const { tessera, arm } = await startInterrupted();
    const { tokens } = await signIn(tessera);
    const next = await rotate(tessera, tokens.refresh_token);
    // The first look is at the token, the second at its successor.
    arm(async () => {
      arm(() => rotate(tessera, next.refresh_token));
    });
    expectOAuthError(await refresh(tessera, tokens.refresh_token), 400, 'invalid_grant');
    await expectOver(tessera, [tokens, next]);
  });
});

describe('what the database holds of refresh tokens', () => {
  it('opens to nobody without the token used last, and to holders of older ones not at all', async () => {
    const tessera = await startTessera();
    const { tokens } = await signIn(tessera);
    const all = [tokens];
    for (let uses = 0; uses < 4; uses += 1) all.push(await rotate(tessera, all.at(-1)?.refresh_token ?? ''));
    const database = await connectTo(tessera.databaseUrl);
    const sealed = await database.all('select sealed_successor from refresh_tokens');
    expect(sealed.filter((row) => row['sealed_successor'] !== null)).toHaveLength(1);
    const tables = ['refresh_tokens', 'sessions', 'audit_events'];
    const dump = JSON.stringify(await Promise.all(tables.map((table) => rowsOf(tessera.databaseUrl, table))));
    for (const { refresh_token, access_token } of all) {
      expect(dump).not.toContain(refresh_token.slice(4, 20));
      expect(dump).not.toContain(access_token.slice(-40));
    }
    const text = String(sealed.find((row) => row['sealed_successor'] !== null)?.['sealed_successor']);
    const opened = all.map(({ refresh_token }) => openSuccessor(refresh_token, text));
    expect(opened).toEqual([undefined, undefined, undefined, all[4]?.refresh_token, undefined]);
  });
});
