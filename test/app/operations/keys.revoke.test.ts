import { describe, expect } from 'vitest';
import { toRfc3339 } from '../../../src/clock.ts';
import { newOperator, shortLife } from '../../support/key-operator.ts';
import { gatherResults } from '../../support/gather.ts';
import { kidOf } from '../../support/jwks.ts';
import { expectAlive, expectDead, expectProblem, signIn } from '../../support/oauth.ts';
import { it as withTessera, startTessera } from '../../support/tessera.ts';

async function start(changes?: Parameters<typeof startTessera>[1]) {
  const tessera = await startTessera(shortLife, changes);
  const startedAt = tessera.clock();
  const moment = (seconds: number) => toRfc3339(startedAt + seconds);
  return { tessera, operator: await newOperator(tessera), at: moment };
}

describe('POST /keys/{kid}/revoke', () => {
  const it = withTessera;

  it('takes the signing key out at once: the standby signs, and tokens of the old key are dead', async () => {
    const { tessera, operator, at } = await start();
    tessera.clock.advance(4000);
    const [signer = '', standby] = await operator.published();
    const { tokens, username } = await signIn(tessera);
    await expectAlive(tessera, tokens.access_token);

    const reply = await operator.revoke(signer, { reason: 'The host was broken into' });
    expect(reply.status).toBe(200);
    expect(reply.headers['cache-control']).toBe('no-store');
    expect(reply.body).toEqual({
      state: 'revoked',
      kid: signer,
      revoked_at: at(4000),
      signer: standby,
      signer_known_at: at(3601),
      // What a replica, the HTTP cache and a verifier may keep, by whichever clock.
      verifiers_may_cache_until: at(4000 + 1 + 30 + 300 + 600 + 2 * 10),
    });

    await expectDead(tessera, tokens.access_token);
    const fresh = await tessera.login(username);
    expect(kidOf(fresh.access_token)).toBe(standby);
    await expectAlive(tessera, fresh.access_token);

    const keys = await operator.keys();
    expect(keys[0]).toMatchObject({ kid: signer, state: 'revoked', revoked_at: at(4000), changes_at: null });
    expect(keys[1]).toMatchObject({ kid: standby, state: 'active', activates_at: at(4000) });
    expect(keys[2]).toMatchObject({ state: 'standby' });
    expect(await operator.published()).toEqual(keys.slice(1).map(({ kid }) => kid));
  });

  it('does not work with the token of the revoked key any more, its own included', async () => {
    const { tessera, operator } = await start();
    const { kid } = await operator.keyIn('active');
    const token = await operator.token();
    const path = `/keys/${kid}/revoke`;
    await tessera.bearer('post', path, token).expect(200);
    expectProblem(await tessera.bearer('post', path, token), 401);
  });

  it('replaces a standby that is revoked, and the signer goes on', async () => {
    const { operator } = await start();
    const { kid: signer } = await operator.keyIn('active');
    const { kid: standby } = await operator.keyIn('standby');
    expect((await operator.revoke(standby)).body).toMatchObject({ kid: standby, signer });
    expect((await operator.keyIn('active')).kid).toBe(signer);
    expect((await operator.keyIn('standby')).kid).not.toBe(standby);
  });

  it('says the same when it is repeated, now and much later, and changes nothing', async () => {
    const { tessera, operator } = await start();
    tessera.clock.advance(4000);
    const { kid } = await operator.keyIn('active');
    const first = await operator.revoke(kid, { reason: 'lost' });
    const states = async () =>
      (await operator.keys()).map(({ kid, state, activates_at }) => [kid, state, activates_at]);
    const before = await states();
    for (let times = 0; times < 3; times += 1) {
      const again = await operator.revoke(kid, { reason: 'lost, I said' });
      expect(again.status).toBe(200);
      expect(again.body).toEqual(first.body);
    }
    expect(await states()).toEqual(before);

    tessera.clock.advance(3 * 24 * 3600);
    const { revoked_at, verifiers_may_cache_until } = first.body as Record<string, string>;
    expect((await operator.revoke(kid)).body).toMatchObject({ kid, revoked_at, verifiers_may_cache_until });
  });

  it('says the same to all who ask at the same moment, and revokes once', async () => {
    // Whoever comes when the key is revoked already is refused: it has signed the token.
    const together = gatherResults(3);
    const { operator } = await start(({ keys }) => ({
      keys: { ...keys, generateKey: () => together(keys.generateKey()) },
    }));
    const { kid } = await operator.keyIn('active');
    const token = await operator.token();
    const revoke = () => operator.revoke(kid);
    const [first, ...others] = await Promise.all([revoke(), revoke(), revoke()]);
    for (const reply of others) expect(reply.body).toEqual(first.body);
    expect(kidOf(token)).toBe(kid);
    expect((await operator.events(`?subject=${kid}`)).events.filter(({ type }) => type === 'key.revoked')).toHaveLength(
      1,
    );
  });

  it.for(['unknown', 'a/b', '%', '..', '__proto__', 'x'.repeat(256)])(
    'answers 404 for %s, which is no key',
    async (kid, { tessera }) => {
      const operator = await newOperator(tessera);
      const reply = await operator.revoke(kid);
      expectProblem(reply, 404);
      expect(reply.body).toMatchObject({ title: 'Not Found', detail: 'There is no such key.' });
    },
  );

  it.for(['é', 'a b', 'a\u0000b', 'a\nb', 'x'.repeat(257)])(
    'refuses %j, which no key can be named',
    async (kid, { tessera }) => {
      const operator = await newOperator(tessera);
      expectProblem(await operator.revoke(kid), 400, '/path/kid');
    },
  );

  it.for([
    ['null', '/body'],
    ['{"reason":""}', '/body/reason'],
    ['{"reason":"a\\tb"}', '/body/reason'],
    ['{"force":true}', '/body/force'],
  ])('refuses the body %s, and revokes nothing', async ([json = '', pointer], { tessera }) => {
    const operator = await newOperator(tessera);
    const { kid } = await operator.keyIn('active');
    const request = tessera.bearer('post', `/keys/${kid}/revoke`, await operator.token());
    expectProblem(await request.type('json').send(json), 400, pointer);
    expect((await operator.keyIn('active')).kid).toBe(kid);
  });
});
